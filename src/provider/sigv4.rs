//! AWS's signature, version 4, of a request that is about to be sent.
//!
//! Source: "Signature Version 4 signing process", AWS General Reference; HMAC is RFC 2104. The time is
//! passed in: a signature is good for five minutes, so it is made when the request leaves.

use super::http::HttpRequest;
use super::keys::Origin;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsignable {
    /// The address names no region.
    #[error(
        "the address {0} names no AWS region: it looks like https://bedrock-runtime.REGION.amazonaws.com"
    )]
    Region(String),
    /// The key is not `ID:SECRET` or `ID:SECRET:TOKEN`.
    #[error("AWS credentials are an access key id and a secret access key")]
    Credentials,
}

/// Access key id, secret and session token as one text, which is how an endpoint holds them.
pub fn credentials(id: &str, secret: &str, token: Option<&str>) -> SecretString {
    let parts = [Some(id), Some(secret), token];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    SecretString::from(parts.join(":"))
}

/// The headers that sign a request: name and whole value. `at` is the time as `20150830T123600Z`.
pub fn sign(
    request: &HttpRequest,
    credentials: &SecretString,
    at: &str,
) -> Result<Vec<(&'static str, SecretString)>, Unsignable> {
    let mut parts = credentials.expose_secret().splitn(3, ':');
    let (Some(id), Some(secret)) = (parts.next(), parts.next()) else {
        return Err(Unsignable::Credentials);
    };
    let token = parts.next();
    let region = region(&request.url)?;
    let date = at.get(..8).unwrap_or(at);
    let scope = format!("{date}/{region}/bedrock/aws4_request");
    let (names, text) = canonical(request, at, token);
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
        hex(&Sha256::digest(text))
    );
    let steps = [date, &region, "bedrock", "aws4_request", &to_sign];
    let start = format!("AWS4{secret}").into_bytes();
    let signature = steps
        .iter()
        .fold(start, |key, step| hmac(&key, step.as_bytes()).to_vec());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={}",
        hex(&signature)
    );
    let mut headers = vec![
        ("x-amz-date", SecretString::from(at)),
        ("authorization", SecretString::from(authorization)),
    ];
    headers.extend(token.map(|token| ("x-amz-security-token", SecretString::from(token))));
    Ok(headers)
}

/// The second label of a host such as `bedrock-runtime.us-east-1.amazonaws.com`.
fn region(url: &str) -> Result<String, Unsignable> {
    let host = Origin::of(url).map(|origin| origin.host);
    let host = host.map_err(|_| Unsignable::Region(url.to_owned()))?;
    match host.split('.').collect::<Vec<_>>().as_slice() {
        [_, region, "amazonaws", "com", ..] => Ok((*region).to_owned()),
        _ => Err(Unsignable::Region(host)),
    }
}

/// The names of the signed headers, and the canonical request.
fn canonical(request: &HttpRequest, at: &str, token: Option<&str>) -> (String, String) {
    let rest = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = path.split('?').next().unwrap_or_default();
    let kind = request
        .headers
        .iter()
        .find(|(name, _)| *name == "content-type");
    let mut headers: Vec<(&str, &str)> = vec![("host", host), ("x-amz-date", at)];
    headers.extend(kind.map(|(name, value)| (*name, value.as_str())));
    headers.extend(token.map(|token| ("x-amz-security-token", token)));
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{}\n", value.trim()))
        .collect();
    let path = if path.is_empty() { "/" } else { path };
    let body = hex(&Sha256::digest(&request.body));
    let text = format!(
        "{}\n{}\n\n{lines}\n{names}\n{body}",
        request.method,
        encoded(path)
    );
    (names, text)
}

/// A path whose escapes are escaped once more, as every service but S3 wants it.
fn encoded(path: &str) -> String {
    let bytes = path.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    bytes.collect()
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text);
    let outer = Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner.finalize());
    outer.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_by_rfc_4231() {
        let found = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            hex(&found),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = hmac(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        assert_eq!(
            hex(&long),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// What botocore 1.x makes of the same request, credentials and time.
    #[test]
    fn the_signature_is_the_official_clients() {
        let path = "/model/us.anthropic.claude-x-v1%3A0/converse";
        let request = HttpRequest {
            method: "POST",
            url: format!("https://bedrock-runtime.us-east-1.amazonaws.com{path}"),
            headers: vec![
                ("content-type", "application/json".into()),
                ("accept", "application/json".into()),
            ],
            secret: None,
            sign: None,
            body: r#"{"messages":[]}"#.into(),
            pictures: Default::default(),
            warnings: Vec::new(),
        };
        let signed = |token: Option<&str>| {
            let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            let key = credentials("AKIDEXAMPLE", secret, token);
            let headers = sign(&request, &key, "20150830T123600Z").unwrap();
            headers
                .into_iter()
                .map(|(name, value)| format!("{name}: {}", value.expose_secret()))
                .collect::<Vec<_>>()
        };
        let scope = "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request";
        assert_eq!(
            signed(None),
            [
                "x-amz-date: 20150830T123600Z".to_owned(),
                format!(
                    "{scope}, SignedHeaders=content-type;host;x-amz-date, Signature=6ad0364044101c155a0a5efd9c50d4961252633d41a18cc4d195f3ed94f60592"
                ),
            ]
        );
        assert_eq!(
            signed(Some("TOKEN/with+chars==")),
            [
                "x-amz-date: 20150830T123600Z".to_owned(),
                format!(
                    "{scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=3b7e87bee85383f3de3bffb926dc0cf9aff834d52712ea80a2404431511e4e70"
                ),
                "x-amz-security-token: TOKEN/with+chars==".to_owned(),
            ]
        );
    }

    #[test]
    fn only_an_address_with_a_region_is_signed_for() {
        assert_eq!(
            region("https://bedrock-runtime.eu-central-1.amazonaws.com/x").unwrap(),
            "eu-central-1"
        );
        assert!(region("http://127.0.0.1:8080/x").is_err());
        assert!(region("https://amazonaws.com").is_err());
    }
}
