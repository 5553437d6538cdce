"""A JSON object a line in, a JSON object a line out; the program stays for the next line."""
import ast
import json
import sys

for line in sys.stdin:
    code = json.loads(line)["output"]
    try:
        lines = len(ast.parse(code).body)
        answer = {"value": 1, "passed": True, "why": f"{lines} statements"}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        answer = {"value": 0, "passed": False, "why": f"no Python: {error}"}
    print(json.dumps(answer), flush=True)
