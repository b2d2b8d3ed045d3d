"""The notifications of the console."""

from django.urls import path

from reminders import views
from reminders.views import (
    absences,
    admin,
    calendar,
    channels,
    department,
    desk,
    desk_actions,
    health,
    ladder,
    ladder_form,
    outbox,
    preferences,
)

urlpatterns = [
    path("admin/", admin.admin_home, name="console-admin"),
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
    path("admin/health/", health.health_page, name="console-health"),
    path("admin/health/alarm/", health.alarm, name="console-health-alarm"),
    path("supervision/", desk.supervision, name="console-supervision"),
    path("supervision/act/", desk_actions.act_from_desk, name="console-supervision-act"),
    path("supervision/result/", desk_actions.result, name="console-supervision-result"),
    path("supervision/<str:number>/told/", desk.told, name="console-supervision-told"),
    path("departments/", department.departments, name="console-departments"),
    path("departments/<str:code>/", department.department_page, name="console-department"),
    path("notifications/", views.notifications, name="console-notifications"),
    path("notifications/read/", views.read_all, name="console-notifications-read"),
    path("notifications/bell/", views.bell, name="console-bell"),
    path("notifications/settings/", preferences.settings_page, name="console-notification-settings"),
    path("notifications/settings/mobile/", preferences.set_mobile, name="console-notification-mobile"),
    path("notifications/absences/", absences.absence_page, name="console-absences"),
    path("notifications/absences/<int:pk>/cancel/", absences.cancel, name="console-absence-cancel"),
    path("notifications/<int:pk>/", views.open_notification, name="console-notification-open"),
    path("notifications/<int:pk>/read/", views.read_one, name="console-notification-read"),
    path("notifications/<int:pk>/snooze/", views.snooze, name="console-notification-snooze"),
]
