"""The Chinese catalogue is complete, and its compiled form is its own."""

import pytest

from tools import messages

pytestmark = pytest.mark.database_free


@pytest.fixture(scope="module")
def found():
    return messages.harvest()


def test_every_string_of_the_source_has_its_chinese(found):
    catalogue, compiled = messages.load()

    assert messages.problems_of(catalogue, found, compiled) == []


def test_strings_are_found_in_every_way_of_writing_them(tmp_path, monkeypatch):
    python = (
        '_("one"); gettext_lazy("two" " three"); ngettext("%(n)d need", "%(n)d needs", n); pgettext("month", "May")'
    )
    template = (
        '{% load i18n %}{% translate "four" as x %}{% include "a.html" with text=_("five") %}'
        "{% blocktranslate trimmed with name=y %}\n  Hello\n  {{ name }}\n{% endblocktranslate %}{# not _('this') #}"
        "{% blocktranslate count n=n %}{{ n }} match{% plural %}{{ n }} matches{% endblocktranslate %}"
    )
    (tmp_path / "platform" / "templates").mkdir(parents=True)
    (tmp_path / "platform" / "module.py").write_text(python, encoding="utf-8")
    (tmp_path / "platform" / "templates" / "page.html").write_text(template, encoding="utf-8")
    monkeypatch.setattr(messages, "ROOT", tmp_path)

    assert set(messages.harvest().places) == {
        messages.Message("one"),
        messages.Message("two three"),
        messages.Message("%(n)d need", "%(n)d needs"),
        messages.Message("May", context="month"),
        messages.Message("four"),
        messages.Message("five"),
        messages.Message("Hello %(name)s"),
        messages.Message("%(n)s match", "%(n)s matches"),
    }


@pytest.mark.parametrize(
    ("text", "translation", "fine"),
    [
        ("%(count)d needs", "%(count)d 项需求", True),
        ("%(count)d needs", "若干需求", False),
        ("Hello {name}", "您好，{nam}", False),
        ("Plain", "", False),
        ("Plain", "普通", True),
    ],
)
def test_a_translation_keeps_the_placeholders(text, translation, fine):
    import polib

    entry = polib.POEntry(msgid=text, msgstr=translation)

    assert (list(messages._problems_of_entry(entry)) == []) is fine


def test_a_stale_compiled_file_is_noticed(found):
    catalogue, _ = messages.load()

    problems = messages.problems_of(catalogue, found, b"something else")

    assert "The .mo file does not match the .po file. Run: python tools/messages.py update" in problems
