"""The citizen's pages, in both languages."""

from django.urls import path

from .views import account, doors, files, own_data, review, similar, submit, track, unsubscribe

app_name = "portal"
urlpatterns = [
    path("report/", submit.what, name="submit"),
    path("report/find/", submit.find, name="find"),
    path("report/where/", submit.where, name="where"),
    path("report/details/", submit.details, name="details"),
    path("report/who/", submit.who, name="who"),
    path("report/review/", review.review, name="review"),
    path("report/similar/", similar.similar, name="similar"),
    path("report/similar/follow/", similar.follow, name="follow"),
    path("report/done/", review.done, name="done"),
    path("report/save/<slug:name>/", submit.save, name="save"),
    path("report/files/", files.add, name="add_files"),
    path("report/files/<uuid:public_id>/", files.of_draft, name="draft_file"),
    path("report/files/<uuid:public_id>/remove/", files.remove, name="remove_file"),
    path("report/start-again/", submit.start_again, name="start_again"),
    path("track/", track.track, name="track"),
    path("track/<str:reference>/", track.report, name="report"),
    path("track/<str:reference>/parts/<int:number>/", track.report, name="part"),
    path("track/<str:reference>/parts/<int:number>/<slug:action>/", track.act, name="act_part"),
    path("track/<str:reference>/<slug:action>/", track.act, name="act"),
    path("track/<str:reference>/files/<uuid:public_id>/", files.of_report, name="file"),
    path("my/", account.my_reports, name="my_reports"),
    path("my/data/", own_data.download, name="own_data"),
    path("my/sign-out/", account.sign_out, name="sign_out"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("demo/phone/<str:number>", doors.demo_phone, name="demo_phone"),
]
