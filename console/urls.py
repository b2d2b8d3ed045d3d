"""The console's pages, under /console/."""

from django.urls import path

from console import directory, gallery, ledger, records
from console.administration import accesses, audit, blocks, calendar, emergencies, health, home, retention, word_list
from console.channels import outbox
from console.channels import pages as channels
from console.commitments import detail as commitment
from console.commitments import listing as commitments
from console.commitments import rates as commitment_rates
from console.duty import form as duty_form
from console.duty import importing as duty_import
from console.duty import note as duty_note
from console.duty import pages as duty
from console.help import help_page
from console.inbox import pages as inbox
from console.intake import pages as intake
from console.intake import receipt
from console.issues import detail, listing, papers
from console.ladder import form as ladder_form
from console.ladder import pages as ladder
from console.leaders import listing as leader_lists
from console.leaders import page as leader_pages
from console.leaders import sending as leader_sending
from console.leaders import sheets as leader_sheets
from console.meetings import activities, after, appointing, arranging, changing, series, subscribing, visiting
from console.meetings import attendance as meeting_attendance
from console.meetings import desk as meeting_desk
from console.meetings import listing as meeting_lists
from console.meetings import page as meeting_pages
from console.meetings import question as one_question
from console.meetings import questions as meeting_questions
from console.notifications import absences, preferences
from console.notifications import pages as notifications
from console.offices import first_steps, leaving, limits, own_texts, references
from console.offices import importing as office_import
from console.offices import people as office_people
from console.privacy import one_request
from console.privacy import records as privacy_records
from console.privacy import requests as privacy_requests
from console.proposals import form as proposal_form
from console.proposals import listing as proposal_lists
from console.proposals import page as proposal_pages
from console.supervision import acting, department, desk

urlpatterns = [
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
    path("rights/", privacy_requests.queue, name="console-rights"),
    path("rights/new/", privacy_requests.new_request, name="console-rights-new"),
    path("rights/<int:pk>/", one_request.request_page, name="console-rights-request"),
    path("rights/<int:pk>/copy/", one_request.copy, name="console-rights-copy"),
    path("commitments/", commitments.commitment_list, name="console-commitments"),
    path("commitments/rates/", commitment_rates.rates, name="console-commitment-rates"),
    path("commitments/<int:pk>/", commitment.commitment_page, name="console-commitment"),
    path("proposals/", proposal_lists.proposal_list, name="console-proposals"),
    path("proposals/new/", proposal_form.new_proposal, name="console-proposal-new"),
    path("proposals/<int:pk>/", proposal_pages.proposal_page, name="console-proposal"),
    path("proposals/<int:pk>/replies/<int:place>/", proposal_pages.reply_file, name="console-proposal-reply"),
    path("meetings/", meeting_lists.meeting_list, name="console-meetings"),
    path("meetings/items/", meeting_lists.left_over_list, name="console-meeting-items"),
    path("meetings/calendar/", subscribing.subscribe_page, name="console-calendar-feed"),
    path("meetings/new/", arranging.new_meeting, name="console-meeting-new"),
    path("meetings/series/new/", arranging.new_series, name="console-series-new"),
    path("meetings/series/<int:pk>/", series.change_series, name="console-series-change"),
    path("meetings/series/<int:pk>/retire/", series.retire_series, name="console-series-retire"),
    path("meetings/kinds/", arranging.add_kind, name="console-meeting-kinds"),
    path("meetings/<int:pk>/", meeting_pages.meeting_page, name="console-meeting"),
    path("meetings/<int:pk>/change/", changing.change_meeting, name="console-meeting-change"),
    path("meetings/<int:pk>/desk/", meeting_desk.desk, name="console-meeting-desk"),
    path("meetings/<int:pk>/items/", meeting_desk.write, name="console-meeting-write"),
    path("meetings/<int:pk>/items/<int:place>/follow/", after.follow, name="console-meeting-follow"),
    path("meetings/<int:pk>/minutes.docx", meeting_pages.minutes_file, name="console-meeting-minutes-file"),
    path("meetings/<int:pk>/topics/", meeting_pages.topics, name="console-meeting-topics"),
    path("meetings/<int:pk>/attendance/", meeting_attendance.attendance, name="console-meeting-attendance"),
    path("meetings/<int:pk>/guests/", meeting_attendance.guest_code, name="console-meeting-guests"),
    path("meetings/questions/", meeting_questions.owed_list, name="console-questions-owed"),
    path("meetings/<int:pk>/questions/", meeting_questions.question_list, name="console-meeting-questions"),
    path("meetings/<int:pk>/questions/<int:place>/", one_question.question_page, name="console-question"),
    path("meetings/<int:pk>/minutes/", meeting_pages.minutes_page, name="console-meeting-minutes"),
    path("activities/", activities.activity_list, name="console-activities"),
    path("activities/new/", activities.new_activity, name="console-activity-new"),
    path("activities/<int:pk>/", activities.activity_page, name="console-activity"),
    path("appointments/", appointing.appointment_page, name="console-appointments"),
    path("visits/", visiting.visit_list, name="console-visits"),
    path("visits/new/", visiting.new_visit, name="console-visit-new"),
    path("visits/<int:pk>/", visiting.visit_page, name="console-visit"),
    path("records/", records.records, name="console-records"),
    path("help/", help_page, name="console-help"),
    path("components/", gallery.components, name="console-components"),
    path("admin/", home.admin_home, name="console-admin"),
    path("admin/blocks/", blocks.blocks_page, name="console-blocks"),
    path("admin/emergency-words/", emergencies.emergency_words, name="console-emergency-words"),
    path("admin/word-list/", word_list.word_list_page, name="console-word-list"),
    path("admin/office/", first_steps.office_home, name="console-office"),
    path("admin/office/import/", office_import.import_office, name="console-office-import"),
    path("admin/office/template/", office_import.template, name="console-office-template"),
    path("admin/office/limits/", limits.limits_page, name="console-limits"),
    path("admin/office/limits/<slug:key>/", limits.edit_limit, name="console-limit"),
    path("admin/office/<slug:kind>/", references.reference_list, name="console-references"),
    path("admin/office/<slug:kind>/new/", references.new_reference, name="console-reference-new"),
    path("admin/office/<slug:kind>/<int:pk>/", references.edit_reference, name="console-reference"),
    path("admin/people/", office_people.people_list, name="console-people"),
    path("admin/people/new/", office_people.new_person, name="console-person-new"),
    path("admin/people/<int:pk>/", office_people.person_page, name="console-person"),
    path("admin/people/<int:pk>/leave/", leaving.leave, name="console-person-leave"),
    path("admin/ladder/", ladder.ladder_page, name="console-ladder"),
    path("admin/ladder/new/", ladder_form.new_rung, name="console-ladder-new"),
    path("admin/ladder/<slug:key>/", ladder_form.edit_rung, name="console-ladder-rung"),
    path("admin/channels/", channels.channel_list, name="console-channels"),
    path("admin/channels/new/", channels.new_channel, name="console-channel-new"),
    path("admin/channels/<int:pk>/", channels.edit_channel, name="console-channel"),
    path("admin/channels/<int:pk>/retire/", channels.retire_channel, name="console-channel-retire"),
    path("admin/channels/<int:pk>/test/", channels.test_channel, name="console-channel-test"),
    path("admin/outbox/", outbox.outbox, name="console-outbox"),
    path("admin/calendar/", calendar.calendar_page, name="console-calendar"),
    path("admin/calendar/preview/", calendar.preview_change, name="console-calendar-preview"),
    path("admin/calendar/apply/", calendar.apply_change, name="console-calendar-apply"),
    path("admin/audit/", audit.audit_page, name="console-audit"),
    path("admin/register/", privacy_records.register_page, name="console-register"),
    path("admin/register/new/", privacy_records.register_row, name="console-register-new"),
    path("admin/register/<slug:code>/", privacy_records.register_row, name="console-register-row"),
    path("admin/incidents/", privacy_records.incident_list, name="console-incidents"),
    path("admin/incidents/new/", privacy_records.new_incident, name="console-incident-new"),
    path("admin/incidents/<int:pk>/", privacy_records.incident_page, name="console-incident"),
    path("admin/retention/", retention.retention_page, name="console-retention"),
    path("admin/retention/<int:pk>/", retention.run_page, name="console-retention-run"),
    path("admin/retention/holds/<int:pk>/", retention.hold_page, name="console-hold"),
    path("admin/accesses/", accesses.accesses_page, name="console-accesses"),
    path("admin/health/", health.health_page, name="console-health"),
    path("admin/health/alarm/", health.alarm, name="console-health-alarm"),
    path("supervision/", desk.supervision, name="console-supervision"),
    path("supervision/act/", acting.act_from_desk, name="console-supervision-act"),
    path("supervision/result/", acting.result, name="console-supervision-result"),
    path("supervision/<str:number>/told/", desk.told_page, name="console-supervision-told"),
    path("departments/", department.departments, name="console-departments"),
    path("departments/<str:code>/", department.department_page, name="console-department"),
    path("notifications/", notifications.notifications, name="console-notifications"),
    path("notifications/read/", notifications.read_all, name="console-notifications-read"),
    path("notifications/bell/", notifications.bell, name="console-bell"),
    path("notifications/settings/", preferences.settings_page, name="console-notification-settings"),
    path("notifications/settings/mobile/", preferences.set_mobile, name="console-notification-mobile"),
    path("notifications/absences/", absences.absence_page, name="console-absences"),
    path("notifications/absences/<int:pk>/cancel/", absences.cancel, name="console-absence-cancel"),
    path("directory/", directory.directory, name="console-directory"),
    path("directory/buildings/", ledger.unled, name="console-unled"),
    path("ledger/", ledger.ledger, name="console-ledger"),
    path("ledger/sheet/", ledger.sheet, name="console-ledger-sheet"),
    path("ledger/<int:pk>/", ledger.entry_page, name="console-ledger-entry"),
    path("directory/cards/", directory.directory_cards, name="console-directory-cards"),
    path("directory/leaders/<int:pk>/", directory.directory_leader, name="console-directory-leader"),
    path("directory/codes/", leader_sheets.building_codes, name="console-building-codes"),
    path("leader-tasks/", leader_lists.task_list, name="console-leader-tasks"),
    path("leader-tasks/new/", leader_sending.new_task, name="console-leader-task-new"),
    path("leader-tasks/<int:pk>/", leader_pages.task_page, name="console-leader-task"),
    path("texts/", own_texts.own_texts, name="console-texts"),
    path("notifications/<int:pk>/", notifications.open_notification, name="console-notification-open"),
    path("notifications/<int:pk>/read/", notifications.read_one, name="console-notification-read"),
    path("notifications/<int:pk>/snooze/", notifications.snooze, name="console-notification-snooze"),
]
