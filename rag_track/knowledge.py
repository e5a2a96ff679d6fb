"""Clean: which conversations are knowledge. The one place where that is decided.

Twin: the exclusions of the ETL track (DECISIONS.md there, "Left out"). It leaves out what must not be counted; here
is left out what must not be repeated to a customer.
"""

from rag_track.conversation import Conversation

REASONS = (
    "deleted",
    "not solved",
    "spam",
    "merged away",
    "closed without an answer",
    "rated bad and never corrected",
)


def why_not(conversation: Conversation) -> str | None:
    """Why a conversation is no knowledge, one of REASONS; None when it is."""
    answers = [message for message in conversation.messages if message.speaker == "Agent"]
    solved = conversation.first_solved_at
    # Whoever answers again after the first solution corrects or repeats it: what stands last counts.
    was_corrected = solved is not None and any(answer.sent_at > solved for answer in answers)
    checks = {
        "deleted": conversation.is_deleted,
        "not solved": not conversation.is_solved,
        "spam": conversation.is_spam,
        "merged away": conversation.is_merged,
        "closed without an answer": not answers,
        "rated bad and never corrected": conversation.satisfaction == "bad" and not was_corrected,
    }
    return next((reason for reason in REASONS if checks[reason]), None)
