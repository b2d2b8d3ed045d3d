"""Signing in and out, preferences."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from accounts import own_views, passwords, views

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("login/code/", views.code_page, name="login-code"),
    path("logout/", login_not_required(views.SignOutView.as_view()), name="logout"),
    path("account/", own_views.account_page, name="account"),
    path("account/session/", own_views.session_state, name="account-session"),
    path("account/password/", own_views.password_page, name="account-password"),
    path("account/second-factor/", own_views.second_factor_page, name="account-second-factor"),
    path("invitation/<str:uidb64>/<str:token>/", passwords.InvitationView.as_view(), name="invitation"),
    path("preferences/", views.preferences, name="preferences"),
]
