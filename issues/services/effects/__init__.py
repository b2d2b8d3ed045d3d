"""What each action does to the issue besides its status's clocks. One function per action, in a dictionary."""

from collections.abc import Callable

from issues.services.effects import checking, dispatching, editing, intake, joining, supervising, working
from issues.services.effects.base import Change

__all__ = ["EFFECTS", "Change"]

EFFECTS: dict[str, Callable[[Change], None]] = {
    "contact": intake.contact,
    "accept": intake.accept,
    "request_info": intake.request_info,
    "give_info": intake.give_info,
    "reject": intake.reject,
    "answer_now": intake.answer_now,
    "dispatch": dispatching.dispatch,
    "transfer_out": dispatching.transfer_out,
    "acknowledge": dispatching.acknowledge,
    "assign": dispatching.assign,
    "return": dispatching.give_back,
    "assign_final": dispatching.assign_final,
    "reassign": dispatching.reassign,
    "add_department": working.add_department,
    "waive_department": working.waive_department,
    "co_reply": working.co_reply,
    "progress": working.progress,
    "request_extension": working.request_extension,
    "grant_extension": working.grant_extension,
    "refuse_extension": working.refuse_extension,
    "request_suspension": working.request_suspension,
    "grant_suspension": working.grant_suspension,
    "refuse_suspension": working.refuse_suspension,
    "endorse": working.endorse,
    "resume": working.resume,
    "reply": working.reply,
    "verify_pass": checking.verify_pass,
    "redo": checking.redo,
    "record_follow_up": checking.record_follow_up,
    "close_explained": checking.close_explained,
    "reopen": checking.reopen,
    "withdraw": checking.withdraw,
    "merge": joining.merge,
    "unmerge": joining.unmerge,
    "urge": supervising.urge,
    "request_callback": supervising.request_callback,
    "supervise": supervising.supervise,
    "sign": supervising.sign,
    "refuse_sign": supervising.refuse_sign,
    "lift": supervising.lift,
    "instruct": supervising.instruct,
    "cc": supervising.copy,
    "comment": supervising.comment,
    "edit": editing.edit,
    "publish": editing.publish,
    "unpublish": editing.unpublish,
    "request_exclusion": supervising.request_exclusion,
    "grant_exclusion": supervising.grant_exclusion,
}
