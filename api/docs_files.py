"""What the OpenAPI document says of the files' calls."""

from typing import Any

from rest_framework import serializers

from api.docs import _NUMBER, _POST, _TOKEN, _call
from api.schemas import Shape, one_of, text, whole
from files.enums import FileKind, FileState
from files.limits import MOST_FILES


class AttachmentRow(Shape):
    """A file of an issue."""

    id = whole(help_text="what an action takes in `attachments`")
    name = text()
    kind = one_of(FileKind)
    content_type = text(help_text="as it was sent; photos are served as JPEG")
    size = whole(help_text="bytes as it was sent")
    state = one_of(FileState, help_text="a photo waits until its sizes are made")
    url = text(allow_null=True, help_text="path on this site; null until it is ready")
    thumbnail_url = text(allow_null=True, help_text="of a photo; null until it is ready")


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
            "phone_tail": {"type": "string", "minLength": 4, "maxLength": 12, "description": "last four digits"},
        },
        "required": ["file", "phone_tail"],
    }
}

attachment_list = _call("list_attachments", "issues", {200: AttachmentPage}, (401, 404, 429), parameters=[_NUMBER])
attachment_create = _call(
    "attach",
    "issues",
    {201: AttachmentRow(many=True)},
    (*_POST, 401, 403, 404),
    parameters=[_NUMBER],
    conflict=True,
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
    conflict=True,
    request=_PUBLIC_BODY,
    auth=[],
)
