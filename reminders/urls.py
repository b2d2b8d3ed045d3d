"""The notifications of the console."""

from django.urls import path

from reminders import views

urlpatterns = [
    path("notifications/", views.notifications, name="console-notifications"),
    path("notifications/read/", views.read_all, name="console-notifications-read"),
    path("notifications/<int:pk>/", views.open_notification, name="console-notification-open"),
]
