"""USS: dialogues of tab-separated lines, rated by several annotators."""

from pathlib import Path

from tests.loaders.exports import read_as

from driftcheck.loaders import rated_dialogues
from driftcheck.records import Feedback, FeedbackSource

TEXT = (
    "USER\tI need a train, please.\tInform\t3,3,3\nSYSTEM\tWhen?\t\t\nUSER\tAt 5\tInform\t2,3,1\nSYSTEM\tBooked.\t\t\n"
    "USER\tOVERALL\t\t4,4,5\n\n"
    "USER\tOVERALL Find me a hotel\tInform\t2,2\nSYSTEM\tSure\t\t\n\n"
    "USER\tHello\tGeneral\t3\nSYSTEM\tHi\t\t\nno turn\n"
)


def test_dialogues_with_their_mean_rating(tmp_path: Path) -> None:
    found, log = read_as(rated_dialogues, tmp_path, TEXT)
    assert [(trace.input_text, trace.output_text) for trace in found] == [
        ("At 5", "Booked."),
        ("Find me a hotel", "Sure"),
        ("Hello", "Hi"),
    ]
    assert [given.value for trace in found for given in trace.feedback] == [13 / 3, 2.0, 3.0]
    assert found[0].feedback[0] == Feedback("satisfaction", 13 / 3, None, FeedbackSource.ANNOTATOR)
    assert found[0].conversation == "user: I need a train, please.\nassistant: When?\nuser: At 5\nassistant: Booked."
    assert (found[1].where.rpartition(":")[2], log.n_skipped) == ("7", 1)


def test_turns_rate_a_dialogue_that_is_not_rated_whole(tmp_path: Path) -> None:
    (found,), _ = read_as(rated_dialogues, tmp_path, "USER\tHi, you\tA\t3,4\nSYSTEM\tYo\t\t\nUSER\tBye\tA\t2\n")
    assert found.feedback == (Feedback("satisfaction", 2.75, None, FeedbackSource.ANNOTATOR),)
