"""What happens in a ticket, scene by scene: it is opened, looked into, answered, and what comes after."""

from collections.abc import Callable
from datetime import timedelta

from sample_data import letters
from sample_data.catalogue import Resolution
from sample_data.company import Company
from sample_data.people import Agent, People
from sample_data.phrases import (
    AGAIN,
    AGENT_ASKS,
    AGENT_ASKS_ON,
    AGENT_CLOSINGS,
    AGENT_OPENINGS,
    ATTACHED,
    AWAY,
    BOT,
    CORRECTED,
    EVIDENCE,
    HANDED_ON,
    LATE,
    MERGED_AWAY,
    MERGED_IN,
    NO_HELP,
    NOT_YET,
    ON_HOLD,
    PHONED,
    SECOND,
    THANKS,
    WRITES_AGAIN,
)
from sample_data.script import Script
from sample_data.story import Head, Message

WrongAnswer = Callable[[Head], Resolution | None]


def usual(script: Script, company: Company, people: People, wrong_answer: WrongAnswer, twin: Head | None) -> None:
    """A customer asks, an agent looks into it and answers; `twin` is the same request sent once more."""
    rng, head = script.rng, script.head
    target = company.sla[head.tier or "free"].first_reply[head.priority]
    if head.kind == "phoned":
        opened_by_agent(script)
    else:
        script.opens(opening(script))
        automatic_reply(script)
        if head.kind == "unanswered":
            closed_all_the_same(script)
            return
    script.wait_for_agent(target * 0.4)
    if twin:
        merge_in(script, twin)
    if rng.random() < 0.3:
        script.note(rng.choice(head.questions[0].problem.private_notes))
    if rng.random() < 0.08:
        hand_on(script, people)
    if not look_into_it(script, target):
        return
    answered(script, target, wrong_answer(head) if rng.random() < 0.09 else None)


def opening(script: Script) -> str:
    """The problem in the customer's words, with what else they have to say."""
    rng, head = script.rng, script.head
    few = [0, 1, 1, 2] if head.help_desk == "zendesk" else [0, 0, 1]
    words = letters.with_typos(head.phrasing, rng) if rng.random() < 0.2 else head.phrasing
    text = " ".join([words, *rng.sample(head.questions[0].category.details, k=rng.choice(few))])
    for other in head.questions[1:]:
        text += f" {rng.choice(SECOND)} {rng.choice(other.problem.phrasings)}"
    return " ".join([text, *script.personal_sentences()])


def opened_by_agent(script: Script) -> None:
    name, said = script.head.contact.name.split()[0], script.head.phrasing
    script.agent_says(script.rng.choice(PHONED).format(name=name, said=said))
    script.becomes("open", script.agent)


def automatic_reply(script: Script) -> None:
    if script.rng.random() < 0.4:
        script.clock += timedelta(seconds=script.rng.randint(1, 20))
        script.say("bot", None, BOT)


def closed_all_the_same(script: Script) -> None:
    if script.rng.random() < 0.5:
        script.wait_for_agent(60 * 24 * 6)
        script.becomes("solved", script.agent)


def merge_in(script: Script, twin: Head) -> None:
    text = MERGED_IN.format(loser=twin.ticket_id, subject=twin.subject, text=twin.phrasing)
    script.clock = max(script.clock, twin.created_at + timedelta(minutes=2))
    script.say("merge", script.agent, text)
    script.clock += timedelta(seconds=script.rng.randint(40, 400))


def hand_on(script: Script, people: People) -> None:
    """Another team takes the ticket over; a private note says why."""
    team = script.rng.choice([name for name in people.agents_of if name != script.agent.team])
    script.note(HANDED_ON.format(team=team))
    script.agent = people.taker(team, script.clock, script.rng)
    script.wait_for_agent(60)


def look_into_it(script: Script, target: float) -> bool:
    """Questions and answers, none to three rounds. False when the story stops here."""
    rng, head = script.rng, script.head
    problem = head.questions[0].problem
    questions = rng.sample(problem.agent_questions, len(problem.agent_questions))
    answers = rng.sample(problem.customer_answers, len(problem.customer_answers))
    evidence = list(problem.evidence)
    rounds = rng.choices([0, 1, 2, 3], [0.2, 0.4, 0.28, 0.12])[0]
    name = head.contact.name.split()[0]
    for number, (question, answer) in enumerate(zip(questions[:rounds], answers, strict=False)):
        hello = rng.choice(AGENT_ASKS_ON if number else AGENT_OPENINGS).format(name=name)
        script.agent_says(f"{hello}\n\n{question}" if number else f"{hello}\n\n{rng.choice(AGENT_ASKS)} {question}")
        script.becomes("pending", script.agent)
        if rng.random() < 0.03:
            script.clock += timedelta(seconds=rng.randint(5, 60))
            script.customer_says(AWAY)
        script.wait_for_customer(200)
        if rng.random() < 0.02:  # the customer never comes back
            return False
        if evidence and rng.random() < 0.5:
            shown = evidence.pop(rng.randrange(len(evidence)))
            script.customer_says(f"{answer}\n\n{rng.choice(EVIDENCE)}\n{shown}")
        elif rng.random() < 0.2:
            script.customer_says(f"{answer} {rng.choice(ATTACHED)}", (f"screenshot-{script.clock:%Y-%m-%d}.png",))
        else:
            script.customer_says(answer)
        script.becomes("open", head.contact)
        script.wait_for_agent(target * 0.3)
    if rng.random() < 0.03:
        script.note(ON_HOLD)
        script.becomes("hold", script.agent)
        script.wait_for_agent(60 * 30)
    return rng.random() > 0.02  # some are still being worked on


def answered(script: Script, target: float, wrong: Resolution | None) -> None:
    """The answer, and what the customer makes of it."""
    rng, head = script.rng, script.head
    name = head.contact.name.split()[0]
    if wrong:
        answer(script, rng.choice(AGENT_OPENINGS).format(name=name), [wrong.wordings[0]])
        if rng.random() < 0.35:  # the customer gives up, and says so in the rating at most
            return
        script.wait_for_customer(400)
        reopened(script, rng.choice(NO_HELP))
        script.wait_for_agent(target * 0.4)
        answer(script, rng.choice(CORRECTED).format(name=name), right_wordings(script))
    else:
        answer(script, rng.choice(AGENT_OPENINGS).format(name=name), right_wordings(script))
    script.right_at = script.messages[-1].at
    if rng.random() < 0.5:
        script.wait_for_customer(300)
        script.customer_says(rng.choice(THANKS))
    elif rng.random() < 0.16:
        script.wait_for_customer(1500)
        came_back(script, target)


def right_wordings(script: Script) -> list[str]:
    return [script.rng.choice(question.resolution.wordings) for question in script.head.questions]


def answer(script: Script, hello: str, wordings: list[str]) -> None:
    closing = script.rng.choice(AGENT_CLOSINGS)
    script.agent_says("\n\n".join([hello, *wordings[:-1], f"{wordings[-1]} {closing}".strip()]))
    script.becomes("solved", script.agent)


def reopened(script: Script, complaint: str) -> None:
    script.customer_says(complaint)
    script.becomes("open", script.head.contact)


def came_back(script: Script, target: float) -> None:
    """It happens again: the ticket is opened once more and the answer given in other words."""
    reopened(script, script.rng.choice(NOT_YET))
    script.wait_for_agent(target * 0.3)
    hello = script.rng.choice(AGAIN).format(name=script.head.contact.name.split()[0])
    answer(script, hello, right_wordings(script))


def spam(script: Script) -> None:
    """Nobody asked for it; an agent closes it without a word."""
    script.opens(script.head.phrasing)
    script.wait_for_agent(300)
    script.becomes("solved", script.agent)


def twin(script: Script, winner: Head, merge: Message | None) -> None:
    """The customer has written again; it ends when the agent of the first ticket merges it into that one."""
    script.opens(script.rng.choice(WRITES_AGAIN) + script.head.phrasing)
    if merge and isinstance(merge.author, Agent):
        script.clock, script.agent = merge.at, merge.author
        script.say("merge", script.agent, MERGED_AWAY.format(winner=winner.ticket_id, subject=winner.subject))
        script.becomes("solved", script.agent)


def late_message(script: Script) -> None:
    script.customer_says(script.rng.choice(LATE))
    script.becomes("open", script.head.contact)
