//! Which requests are listened to at all: no web page may reach a server on this machine, neither by
//! a request from its own origin nor by a name that was made to point here (DNS rebinding).

use super::trouble::{Cause, Trouble};
use std::net::{IpAddr, SocketAddr};

/// The names that the server answers to.
#[derive(Debug, Clone)]
pub struct Guard {
    hosts: Vec<String>,
    /// Reached from this machine alone: then only its own names are right.
    loopback: bool,
}

impl Guard {
    /// A server at this address that answers to these names as well.
    pub fn new(address: SocketAddr, hosts: &[String]) -> Guard {
        Guard {
            hosts: hosts.iter().map(|host| host.to_lowercase()).collect(),
            loopback: address.ip().is_loopback(),
        }
    }

    /// Refuses what a web page could have sent.
    pub(super) fn check(&self, host: Option<&str>, origin: Option<&str>) -> Result<(), Trouble> {
        let forbidden = |word, why: String| Err(Trouble::new(Cause::Forbidden, word, why));
        let open = !self.loopback && self.hosts.is_empty();
        match host.map(name) {
            _ if open => {}
            Some(host) if self.knows(&host) => {}
            _ => {
                let why = "the Host header names another server; name it under `hosts` in `serve:`";
                return forbidden("host_not_allowed", why.into());
            }
        }
        let Some(origin) = origin else { return Ok(()) };
        let place = origin.split_once("://").map_or(origin, |(_, place)| place);
        match self.knows(&name(place)) {
            true => Ok(()),
            false => forbidden(
                "origin_not_allowed",
                "web pages of other origins may not ask this server".into(),
            ),
        }
    }

    fn knows(&self, host: &str) -> bool {
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        let own = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        own || self.hosts.iter().any(|known| known == host)
    }
}

/// A host without its port, in lower case.
fn name(host: &str) -> String {
    let port = host.rfind(':').filter(|at| {
        let rest = &host[at + 1..];
        rest.bytes().all(|byte| byte.is_ascii_digit())
            && (!host.starts_with('[') || host[..*at].ends_with(']'))
    });
    port.map_or(host, |at| &host[..at]).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_named_hosts_are_answered() {
        let guard = Guard::new(([127, 0, 0, 1], 80).into(), &["Box.lan".to_owned()]);
        for host in [
            "localhost",
            "127.0.0.1:8484",
            "[::1]:8484",
            "LOCALHOST:1",
            "box.lan:80",
        ] {
            assert!(guard.check(Some(host), None).is_ok(), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "",
            "10.0.0.1",
        ] {
            assert!(guard.check(Some(host), None).is_err(), "{host}");
        }
        assert!(guard.check(None, None).is_err());
    }

    #[test]
    fn a_web_page_of_another_origin_is_refused() {
        let guard = Guard::new(([127, 0, 0, 1], 80).into(), &[]);
        let host = Some("localhost:80");
        assert!(guard.check(host, Some("http://localhost:3000")).is_ok());
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "file://",
        ] {
            assert!(guard.check(host, Some(origin)).is_err(), "{origin}");
        }
        // A server for others, who need a key: any name leads to it, and pages are still refused.
        let public = Guard::new(([0, 0, 0, 0], 80).into(), &[]);
        assert!(public.check(Some("models.example"), None).is_ok());
        assert!(
            public
                .check(Some("models.example"), Some("https://evil.example"))
                .is_err()
        );
    }
}
