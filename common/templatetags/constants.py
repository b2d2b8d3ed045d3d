"""Tags whose result hangs on nothing but the language, rendered once in each: registered as a builtin in settings.

A page names some forty words, twenty files and a dozen icons that are the same in every request. A tag counts as such
where all that it is given is written in the template: ``{% translate "提交" %}``, ``{% static "css/phone.css" %}``,
``{% include "components/icon.html" with name="home" only %}``. Others are Django's own, unchanged.
"""

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.loader_tags import IncludeNode, do_include
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

register = template.Library()


class ConstantNode(Node):
    """Renders ``node`` once in each language, or once for all."""

    child_nodelists = ()

    def __init__(self, node: Node, *, speaks: bool = True) -> None:
        self._node = node
        self._speaks = speaks
        self._by_language: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """What the node renders, or rendered before in this language."""
        language = get_language() if self._speaks else None
        found = self._by_language.get(language)
        if found is None:
            self._node.origin, self._node.token = self.origin, self.token
            found = self._by_language[language] = self._node.render(context)
        return found


def _constant(expression: Any) -> bool:
    """Whether it is a text written in the template, without filters."""
    if not isinstance(expression, FilterExpression) or expression.filters:
        return False
    return isinstance(expression.var, str) or getattr(expression.var, "literal", None) is not None


@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """Django's, once in each language where it translates a text of the template."""
    node = do_translate(parser, token)
    context = node.message_context
    plain = isinstance(node, TranslateNode) and node.asvar is None and (context is None or _constant(context))
    return ConstantNode(node) if plain and _constant(node.filter_expression) else node


@register.tag("static")
def static(parser: Parser, token: Token) -> Node:
    """Django's, once for each file that the template names."""
    node = StaticNode.handle_token(parser, token)
    return ConstantNode(node, speaks=False) if node.varname is None and _constant(node.path) else node


@register.tag("include")
def include(parser: Parser, token: Token) -> Node:
    """Django's, once in each language where it includes a named template with ``only`` texts."""
    node: IncludeNode = do_include(parser, token)
    given = (node.template, *node.extra_context.values())
    return ConstantNode(node) if node.isolated_context and all(map(_constant, given)) else node
