"""Icons in templates."""

import pytest
from django.template import Context, Template
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide as packaged


def rendered(text, **context):
    return Template("{% load lucide %}" + text).render(Context(context))


def test_an_icon_named_in_the_template_is_the_package_s_own():
    text = '{% lucide "pencil" size=16 aria_hidden="true" %}'
    assert rendered(text) == packaged("pencil", size=16, aria_hidden="true")
    assert 'aria-hidden="true"' in rendered(text)


def test_an_icon_named_by_the_page_is_the_one_of_each_name():
    text = "{% for name in names %}{% lucide name size=12 class=name|upper %}{% endfor %}"
    expected = [packaged(name, size=12, **{"class": name.upper()}) for name in ("pencil", "x")]
    assert rendered(text, names=["pencil", "x"]) == "".join(expected)


def test_what_an_attribute_holds_is_escaped():
    text = '{% lucide "x" aria_label=label %}'
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in rendered(text, label='a "b" <c>')


def test_an_unknown_icon_is_an_error():
    with pytest.raises(IconDoesNotExist):
        rendered('{% lucide "no-such-icon" %}')
