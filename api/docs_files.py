"""What the OpenAPI document says of the files' calls."""

from typing import Any

from rest_framework import serializers

from api.docs import _NUMBER, _POST, _TOKEN, _call
from api.schemas import AttachmentRow, Shape
from files.limits import MOST_FILES


class AttachmentPage(Shape):
    """The files of an issue."""

    results = AttachmentRow(many=True)
    next = serializers.URLField(allow_null=True, help_text="always null: an issue has a bounded number of files")


_FILES: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "minItems": 1,
    "maxItems": MOST_FILES,
    "description": "JPEG, PNG, WebP, HEIC; PDF, docx, xlsx. 20 MB each, 60 MB together.",
}
_BODY: dict[str, Any] = {
    "multipart/form-data": {"type": "object", "properties": {"file": _FILES}, "required": ["file"]}
}
_PUBLIC_BODY: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": _FILES,
            "phone": {
                "type": "string",
                "minLength": 7,
                "maxLength": 40,
                "description": "the whole phone number that was left",
            },
        },
        "required": ["file", "phone"],
    }
}

attachment_list = _call("list_attachments", "issues", {200: AttachmentPage}, (401, 404, 429), parameters=[_NUMBER])
attachment_create = _call(
    "attach",
    "issues",
    {201: AttachmentRow(many=True)},
    (*_POST, 401, 403, 404),
    parameters=[_NUMBER],
    request=_BODY,
)
public_attachment_list = _call(
    "list_matter_attachments", "public", {200: AttachmentPage}, (404,), parameters=[_TOKEN], auth=[]
)
public_attachment_create = _call(
    "attach_to_matter",
    "public",
    {201: AttachmentRow(many=True)},
    (*_POST, 403, 404),
    parameters=[_TOKEN],
    request=_PUBLIC_BODY,
    auth=[],
)
