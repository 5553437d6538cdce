# A JSON object a line in, a JSON object a line out. No JSON parser is needed here: "output" is the
# line's first key and "target" the next, and quotes inside a JSON text are escaped.
while IFS= read -r line; do
  output=${line%%,\"target\":*}
  case $output in
    *TODO* | *TBD* | *"[Your "* | *"[your "* | *"[Insert "* | *"[insert "* | *"orem ipsum"*)
      echo '{"value": 0, "passed": false, "why": "a placeholder is left"}' ;;
    *)
      echo '{"value": 1, "passed": true, "why": "no placeholder"}' ;;
  esac
done
