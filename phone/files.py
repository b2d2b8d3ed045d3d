"""Files for residents and leaders: what this phone has proven that it may see."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from files.serving import serve
from issues.enums import Proof
from issues.reading.attachments import files_for_reporter
from issues.resident import device
from phone.shared import matter_of, reporting_leader


@login_not_required
@require_safe
def resident_file(request: HttpRequest, token: str, public_id: str, size: str) -> HttpResponseBase:
    """``/t/<token>/files/<public_id>/<size>/``: what this phone has proven that it may see."""
    issue = matter_of(request, token)
    if issue is None:
        raise Http404
    proof = Proof.WHOLE if reporting_leader(request, issue) is not None else device.proof_of(request, issue)
    file = next((one for one in files_for_reporter(issue, proof=proof) if one.public_id == public_id), None)
    if file is None:
        raise Http404
    return serve(request, file, size)
