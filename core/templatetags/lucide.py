"""The tag ``{% lucide "pencil" size=16 aria_hidden="true" %}``: an icon as inline SVG.

The lucide package's own tag draws the icon anew each time it is met. Icons never
change: here each is drawn once a process, and one named in the template itself
becomes text when the template is compiled.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, TextNode, Token, token_kwargs
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


class IconNode(Node):
    """An icon whose name or attributes are only known when the page is rendered."""

    def __init__(self, name: FilterExpression, attributes: dict[str, FilterExpression]):
        self.name = name
        self.attributes = attributes

    def render(self, context: template.Context) -> SafeString:
        attributes = {key: value.resolve(context) for key, value in self.attributes.items()}
        return drawn(self.name.resolve(context), **attributes)


@lru_cache(maxsize=512)
def drawn(name: str, **attributes: Any) -> SafeString:
    """The SVG of an icon. Raises lucide.IconDoesNotExist."""
    return SafeString(draw(name, **attributes))


@register.simple_tag
@lru_cache(maxsize=64)
def symbol(name: str) -> SafeString:
    """The icon once in a page, to be drawn from there as <svg><use href="#icon-NAME"/></svg>."""
    inner = drawn(name, size=24).strip().removesuffix("</svg>")
    inner = inner.replace(' width="24" height="24"', "")  # as large as it is drawn
    return SafeString(inner.replace("<svg", f'<symbol id="icon-{name}"', 1) + "</symbol>")


@register.tag
def lucide(parser: Parser, token: Token) -> Node:
    tag, *words = token.split_contents()
    if not words:
        raise template.TemplateSyntaxError(f"{tag} needs the name of an icon.")
    name = parser.compile_filter(words.pop(0))
    attributes = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f'{tag} cannot read "{" ".join(words)}".')
    if all(_is_constant(each) for each in (name, *attributes.values())):
        return TextNode(IconNode(name, attributes).render(template.Context()))
    return IconNode(name, attributes)


def _is_constant(value: FilterExpression) -> bool:
    return not value.filters and getattr(value.var, "lookups", None) is None
