"""`wsplay config`: where the settings are, and what they say."""

from __future__ import annotations

import click

from wsplay.cli.errors import NOT_AS_EXPECTED, OK
from wsplay.cli.terminal import paint, say
from wsplay.config.config import LAYOUTS, config_path
from wsplay.config.config_file import read_config
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import json_line


@click.command("config")
@click.option("--keys", "all_keys", is_flag=True, help="List every action whose keys can be changed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, all_keys: bool, as_json: bool) -> None:
    """Show where your settings are and what they say. Exits with 1 if something in them is wrong.

    \b
    theme = "wsplay-light"
    layout = "timeline+event"
    editor = "code -w"
    [keys]
    run.connect = "f5,ctrl+r"
    """
    from wsplay.tui.configurable import check_keys, check_theme, known_actions
    from wsplay.tui.kit.keys import shown
    from wsplay.tui.kit.theme import DEFAULT_THEME

    path = config_path()
    config = read_config(path)
    actions = known_actions()
    keys, wrong_keys = check_keys(config, actions)
    problems = [*config.problems, *wrong_keys]
    wrong_theme = check_theme(config.theme)
    if wrong_theme is not None:
        problems.append(f"{path}: {wrong_theme}")
    theme = config.theme if config.theme is not None and wrong_theme is None else DEFAULT_THEME
    layout = config.layout or LAYOUTS[0]
    code = NOT_AS_EXPECTED if problems else OK
    now = {id: keys.get(id, ",".join(map(shown, action.keys))) for id, action in actions.items()}
    if as_json:
        told = {
            "kind": "config",
            "file": str(path),
            "exists": path.exists(),
            "theme": theme,
            "layout": layout,
            "editor": config.editor,
            "keys": now if all_keys else keys,
            "problems": problems,
        }
        say(json_line(told))
        ctx.exit(code)
    say(visible(str(path)) + ("" if path.exists() else paint("  (no such file yet)", "dim")))
    values = {"theme": (theme, config.theme), "layout": (layout, config.layout)}
    for name, (value, chosen) in values.items():
        say(f"  {name:<8}{visible(value)}" + ("" if value == chosen else paint("  (default)", "dim")))
    say(
        f"  editor  {visible(config.editor)}"
        if config.editor
        else paint("  editor  $VISUAL or $EDITOR", "dim")
    )
    shown_keys = now if all_keys else keys
    say("  keys" if shown_keys else paint("  keys    (default; wsplay config --keys lists them)", "dim"))
    longest = max(map(len, shown_keys), default=0)
    for id, value in shown_keys.items():
        mine = "" if id not in keys else f"  (default: {', '.join(map(shown, actions[id].keys))})"
        tip = paint(f"  {actions[id].tip}{mine}", "dim")
        say(f"    {id:<{longest}}  {visible(value):<12}{tip}")
    for problem in problems:
        say(paint(f"✗ {visible(problem)}", "bad"))
    ctx.exit(code)
