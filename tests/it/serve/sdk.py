"""What the official SDKs make of the endpoint; a line for each thing that is as it should be."""

import sys

import anthropic
import openai

url = sys.argv[1]
oai = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=20)
ant = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0, timeout=20)
LABEL = f"openai {openai.__version__}, anthropic {anthropic.__version__}"


def user(text):
    return [{"role": "user", "content": text}]


def ok(what):
    print("ok", what, f"({LABEL})")


def fails(kind, status, call):
    try:
        call()
    except kind as error:
        assert error.status_code == status, (error.status_code, error)
        return error
    raise AssertionError(f"no {kind.__name__}")


# chat
said = oai.chat.completions.create(model="a", messages=user("hi"), max_tokens=9)
assert said.choices[0].message.content == "the capital is Paris", said
assert said.usage.total_tokens == 15 and said.choices[0].finish_reason == "stop"
assert said._request_id
ok("openai chat")
said = ant.messages.create(model="a", messages=user("hi"), max_tokens=9)
assert said.content[0].text == "the capital is Paris", said
assert said.usage.output_tokens == 3 and said.stop_reason == "end_turn"
ok("anthropic chat")

# stream
chunks = list(
    oai.chat.completions.create(
        model="a", messages=user("hi"), stream=True, stream_options={"include_usage": True}
    )
)
text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
assert text == "the capital is Paris", text
assert chunks[-1].usage.completion_tokens == 3
ok("openai stream")
with ant.messages.stream(model="a", messages=user("hi"), max_tokens=9) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
assert text == "the capital is Paris" and final.content[0].text == text
assert final.usage.output_tokens == 3 and final.stop_reason == "end_turn"
ok("anthropic stream")

# tools
schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tool = {"type": "function", "function": {"name": "weather", "parameters": schema}}
said = oai.chat.completions.create(model="a", messages=user("weather?"), tools=[tool])
call = said.choices[0].message.tool_calls[0]
assert call.function.name == "weather" and call.function.arguments == '{"city":"Paris"}', call
turns = user("weather?") + [
    said.choices[0].message,
    {"role": "tool", "tool_call_id": call.id, "content": "18"},
]
said = oai.chat.completions.create(model="a", messages=turns, tools=[tool])
assert said.choices[0].message.content == "the capital is Paris"
ok("openai tools")
tool["function"]["strict"] = True
with oai.chat.completions.stream(model="a", messages=user("weather?"), tools=[tool]) as stream:
    for _ in stream:
        pass
    message = stream.get_final_completion().choices[0].message
assert message.tool_calls[0].function.name == "weather"
ok("openai tools, streamed")
tool = {"name": "weather", "input_schema": schema}
said = ant.messages.create(model="a", messages=user("weather?"), tools=[tool], max_tokens=9)
call = said.content[0]
assert said.stop_reason == "tool_use" and call.input == {"city": "Paris"}, said
result = {"type": "tool_result", "tool_use_id": call.id, "content": "18"}
turns = user("weather?") + [
    {"role": "assistant", "content": said.content},
    {"role": "user", "content": [result]},
]
said = ant.messages.create(model="a", messages=turns, tools=[tool], max_tokens=9)
assert said.content[0].text == "the capital is Paris"
ok("anthropic tools")
with ant.messages.stream(
    model="a", messages=user("weather?"), tools=[tool], max_tokens=9
) as stream:
    final = stream.get_final_message()
assert final.content[0].input == {"city": "Paris"} and final.stop_reason == "tool_use"
ok("anthropic tools, streamed")

# errors
fails(openai.NotFoundError, 404, lambda: oai.chat.completions.create(model="x", messages=user("hi")))
error = fails(
    openai.BadRequestError, 400, lambda: oai.chat.completions.create(model="a", messages=user("hi"), n=2)
)
assert error.param == "n"
fails(
    openai.RateLimitError, 429, lambda: oai.chat.completions.create(model="a", messages=user("limited"))
)
fails(
    openai.InternalServerError, 502, lambda: oai.chat.completions.create(model="a", messages=user("broken"))
)
ok("openai errors")
fails(
    anthropic.NotFoundError, 404, lambda: ant.messages.create(model="x", messages=user("hi"), max_tokens=9)
)
fails(
    anthropic.RateLimitError, 429, lambda: ant.messages.create(model="a", messages=user("limited"), max_tokens=9)
)
fails(
    anthropic.InternalServerError, 502, lambda: ant.messages.create(model="a", messages=user("broken"), max_tokens=9)
)
ok("anthropic errors")


# a stream that breaks
def broken(kind, stream):
    got = []
    try:
        for piece in stream:
            got.append(piece)
    except kind:
        assert got, "pieces before the error"
        return
    raise AssertionError("a broken stream ended well")


broken(openai.APIError, oai.chat.completions.create(model="a", messages=user("cut"), stream=True))
ok("openai broken stream")
broken(
    anthropic.APIStatusError,
    ant.messages.create(model="a", messages=user("cut"), max_tokens=9, stream=True),
)
ok("anthropic broken stream")

# going away
stream = oai.chat.completions.create(model="a", messages=user("long"), stream=True)
for _ in range(5):
    next(stream)
stream.close()
ok("openai left half-way")
with ant.messages.stream(model="a", messages=user("long"), max_tokens=999) as stream:
    for _, text in zip(range(5), stream.text_stream):
        pass
ok("anthropic left half-way")
