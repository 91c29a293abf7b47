"""At a SuperNode: the sealed answer to a sealed request, from the folder of the node's own site."""

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

app = ClientApp()


def _reply(message: Message, **texts: str) -> Message:
    return Message(RecordDict({"reply": ConfigRecord(dict(texts))}), reply_to=message)


@app.query("name")
def name(message: Message, context: Context) -> Message:
    """Which site of the plan this node is; a wrong name fails at the seal."""
    from pathlib import Path

    from oncohort.consortium.site import open_site

    return _reply(message, site=open_site(Path(str(context.node_config["site"]))).settings.name)


@app.query("answer")
def answer(message: Message, context: Context) -> Message:
    """The answer, or the rule that refuses it."""
    from oncohort.consortium.carrying import carried_answer

    request = str(message.content["request"]["text"])
    return _reply(message, **carried_answer(str(context.node_config["site"]), request))
