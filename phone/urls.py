"""The residents' and leaders' pages."""

from django.urls import path

from phone import accesses, files, guests, leader, matter, meetings, public, questions, report, resident, rights

urlpatterns = [
    path("", resident.home, name="home"),
    path("report/", report.report, name="report"),
    path("report/similar/", report.similar, name="report-similar"),
    path("report/done/<slug:token>/", report.report_done, name="report-done"),
    path("track/", resident.track, name="track"),
    path("community/", resident.community_pick, name="community-pick"),
    path("issues/", public.public_list, name="public-list"),
    path("promises/", public.public_promises, name="public-promises"),
    path("promises/<int:pk>/", public.public_promise, name="public-promise"),
    path("promises/<int:pk>/feed/", public.promise_feed, name="public-promise-feed"),
    path("promises/<int:pk>/files/<slug:public_id>/<slug:size>/", public.promise_file, name="public-promise-file"),
    path("meetings/", meetings.meeting_list, name="public-meetings"),
    path("meetings/calendar.ics", meetings.calendar, name="public-calendar"),
    path("meetings/guests/<str:token>/", guests.write_in, name="public-guests"),
    path("meetings/<int:pk>/", meetings.meeting, name="public-meeting"),
    path("meetings/<int:pk>/questions/", questions.questions, name="public-questions"),
    path("privacy/", resident.privacy, name="privacy"),
    path("t/<slug:token>/", matter.show, name="matter"),
    path("t/<slug:token>/remember/", resident.matter_remember, name="matter-remember"),
    path("t/<slug:token>/prove/", matter.prove, name="matter-prove"),
    path("t/<slug:token>/accesses/", accesses.who_saw, name="matter-accesses"),
    path("t/<slug:token>/rights/", rights.rights, name="matter-rights"),
    path("t/<slug:token>/<slug:action>/", matter.action, name="matter-action"),
    path("t/<slug:token>/files/<slug:public_id>/<slug:size>/", files.resident_file, name="matter-file"),
    path("leader/", leader.home, name="leader-home"),
    path("leader/report/", leader.report, name="leader-report"),
]
