"""Every command explains itself: one line, options in groups, two real examples that work."""

import shlex

import pytest
import typer.main

from screener.cli.main import app


def commands():
    """Every command as the words that call it."""

    def walk(command, words):
        if hasattr(command, "commands"):
            for name, child in command.commands.items():
                yield from walk(child, [*words, name])
        else:
            yield words, command

    return list(walk(typer.main.get_command(app), []))


@pytest.mark.parametrize(
    ("words", "command"), commands(), ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_help_is_a_line_then_options_then_two_examples(words, command, run):
    result = run(*words, "--help")
    assert result.code == 0
    line = command.help.splitlines()[0]
    assert line.endswith(".")
    assert " ".join(line.split()) in " ".join(result.out.split())
    assert "\n\n" not in (command.help or "")
    examples = result.out.split("Examples:\n")[1].strip().splitlines()
    assert len(examples) >= 2
    assert all(example.split()[0] == "screener" for example in map(str.strip, examples))
    assert all(
        example.strip().split()[1 : 1 + len(words)] == words or words[-1] == "show" for example in examples
    )


@pytest.mark.parametrize(
    ("words", "command"), commands(), ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_options_in_the_examples_exist(words, command, run):
    known = {option for param in command.params for option in param.opts} | {"--help"}
    for example in command.epilog.splitlines():
        own = shlex.split(example.split(" | ")[0].split(" > ")[0])
        assert not {word for word in own if word.startswith("--")} - known


def test_short_names_mean_the_same_everywhere():
    meaning = {}
    for _, command in commands():
        for param in command.params:
            for option in param.opts:
                if len(option) == 2:
                    assert meaning.setdefault(option, param.name) == param.name


def test_no_argument_shows_help(run):
    result = run()
    assert "Commands:" in result.out + result.err
