"""The console's pages, under /console/."""

from django.urls import path

from issues.views.console import (
    detail,
    duty,
    duty_form,
    duty_import,
    duty_note,
    emergencies,
    gallery,
    inbox,
    intake,
    listing,
    papers,
    receipt,
    records,
)
from issues.views.console.help import help_page

urlpatterns = [
    path("admin/emergency-words/", emergencies.emergency_words, name="console-emergency-words"),
    path("", inbox.inbox, name="console-inbox"),
    path("issues/", listing.issue_list, name="console-issues"),
    path("issues/new/", intake.intake, name="console-issue-new"),
    path("issues/new/reference/", intake.intake_reference, name="console-intake-reference"),
    path("issues/new/limits/", intake.intake_limits, name="console-intake-limits"),
    path("lookups/places/", intake.places, name="console-places"),
    path("issues/<str:number>/", detail.issue_page, name="console-issue"),
    path("issues/<str:number>/actions/<str:action>/", detail.issue_action, name="console-issue-action"),
    path("issues/<str:number>/reveal/", detail.issue_reveal, name="console-issue-reveal"),
    path("issues/<str:number>/watch/", detail.issue_watch, name="console-issue-watch"),
    path("issues/<str:number>/receipt/", receipt.receipt, name="console-issue-receipt"),
    path("issues/<str:number>/papers/<int:pk>/", papers.paper_page, name="console-issue-paper"),
    path("duty/", duty.roster_page, name="console-duty"),
    path("duty/new/", duty_form.new_shift, name="console-duty-new"),
    path("duty/import/", duty_import.import_page, name="console-duty-import"),
    path("duty/template/", duty.template, name="console-duty-template"),
    path("duty/export/", duty.export, name="console-duty-export"),
    path("duty/<int:pk>/", duty_form.edit_shift, name="console-duty-edit"),
    path("duty/<int:pk>/cancel/", duty_form.cancel, name="console-duty-cancel"),
    path("duty/<int:pk>/note/", duty_note.note_page, name="console-duty-note"),
    path("duty/<int:pk>/take/", duty_note.take, name="console-duty-take"),
    path("records/", records.records, name="console-records"),
    path("help/", help_page, name="console-help"),
    path("components/", gallery.components, name="console-components"),
]
