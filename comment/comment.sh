#!/usr/bin/env bash
# Writes a report's Markdown as a comment on a pull request, in the place of the one written before.
#
# From the environment: GH_TOKEN (may write pull requests), REPOSITORY (owner/name), BODY (the file; its first
# line finds the comment again), and either NUMBER, the pull request, or HEAD_OWNER, HEAD_BRANCH and HEAD_SHA,
# where a fork's workflow made the file: then nothing in it is trusted but its being text.
set -euo pipefail

if [ ! -s "$BODY" ]; then
  echo "nothing to say: there is no $BODY" >&2
  exit 0
fi
marker=$(head -n 1 "$BODY" | tr -d '\r')
if ! [[ $marker =~ ^\<!--\ bakeoff\ [a-z]+:\ [[:alnum:]._\ -]*\ --\>$ ]]; then
  echo "$BODY is no report of bakeoff: its first line is no marker" >&2
  exit 1
fi

text=$(mktemp)
trap 'rm -f "$text"' EXIT
# GitHub refuses more than 65,536 characters.
head -c 60000 "$BODY" > "$text"
number=${NUMBER:-}
if [ -z "$number" ]; then
  # A fork's file may say anything, but whose pull request it is comes from the event alone.
  [[ $HEAD_SHA =~ ^[0-9a-f]{40}$ ]] || { echo "no commit: $HEAD_SHA" >&2; exit 1; }
  number=$(gh api -X GET "repos/$REPOSITORY/pulls" -f state=open -f head="$HEAD_OWNER:$HEAD_BRANCH" \
    --jq ".[] | select(.head.sha == \"$HEAD_SHA\") | .number" | sed -n 1p)
  if [ -z "$number" ]; then
    echo "no open pull request is at $HEAD_SHA any more" >&2
    exit 0
  fi
  sed -i -e 's/@/\&#64;/g' "$text"
  printf '\n\n<sub>Made by the workflow of a fork, at %s.</sub>\n' "$HEAD_SHA" >> "$text"
fi
if ! [[ $number =~ ^[0-9]+$ ]]; then
  echo "no pull request has the number $number" >&2
  exit 1
fi

known=$(gh api --paginate "repos/$REPOSITORY/issues/$number/comments" \
  --jq '.[] | select(.user.type == "Bot") | [.id, (.body | split("\n")[0] | rtrimstr("\r"))] | @tsv' |
  MARKER=$marker awk -F '\t' '$2 == ENVIRON["MARKER"] && !found { print $1; found = 1 }')
if [ -n "$known" ]; then
  gh api --silent -X PATCH "repos/$REPOSITORY/issues/comments/$known" -F body=@"$text"
else
  gh api --silent -X POST "repos/$REPOSITORY/issues/$number/comments" -F body=@"$text"
fi
