"""What people say around the matter itself: greetings, courtesies, thanks, complaints."""

GREETINGS = ("Hello,", "Hi,", "Good morning,", "Dear support team,", "Hi there,", "Hello Quillstone team,")
CLOSINGS = ("Kind regards,", "Best,", "Thanks in advance,", "Regards,", "Many thanks,")
AGENT_OPENINGS = ("Hello {name},", "Hi {name},", "Good day {name},", "Thanks for writing to us, {name}.")
AGENT_CLOSINGS = (
    "Let us know how it goes.",
    "Please tell us if anything is unclear.",
    "We are here if you need more.",
    "",
)
BOT = "We have received your message and will get back to you as soon as we can. This is an automatic reply."
THANKS = (
    "That worked, thank you.",
    "Perfect, it is solved. Thanks for the quick help.",
    "Great, that did it.",
    "Yes, all good now. You can close this.",
    "Thank you, that was it.",
)
NOT_YET = (
    "I am afraid it came back, we see the same thing again today.",
    "Sorry to write again, but it is still not as it should be.",
    "It worked for a day and now we are where we started.",
)
AGAIN = ("Sorry about that, {name}. Let me put it in other words.", "Hi {name}, I checked it again on our side.")
