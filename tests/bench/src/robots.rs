//! What the light vendor answers, in three sizes.

use serde_json::{Value, json};

/// A page of robots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Robots {
    /// 200 bytes: one robot with few members.
    Small,
    /// 7 KB: ten robots.
    Medium,
    /// 200 KB: three hundred robots.
    Large,
    /// Ten robots of the strict simulator, whose content is its own.
    Simulated,
}

impl Robots {
    /// The pages that the light vendor has.
    pub(crate) const LIGHT: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// How many robots the page has. It is also the parameter `size` of its request.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Small => 1,
            Self::Medium | Self::Simulated => 10,
            Self::Large => 300,
        }
    }

    /// How many robots there are, as the vendor says.
    fn total(self) -> usize {
        match self {
            Self::Simulated => 25,
            light => light.count(),
        }
    }

    /// The input of `robot.list`.
    pub(crate) fn input(self) -> Value {
        json!({ "page": 1, "size": self.count() })
    }

    /// The path and the query of the request.
    pub(crate) fn path(self) -> String {
        format!("/oapi/v1/robot?{}", self.query())
    }

    /// The query of the request, which is also what is signed.
    pub(crate) fn query(self) -> String {
        format!("page=1&size={}", self.count())
    }

    /// Whether a page is as long as this one.
    pub(crate) fn resembles(self, page: &Value) -> bool {
        page["total"] == self.total()
            && page["items"]
                .as_array()
                .is_some_and(|items| items.len() == self.count())
    }

    /// Whether a page is this one. A connector masks the tokens in it, a native client doesn't.
    pub(crate) fn is(self, page: &Value, masked: bool) -> bool {
        self.resembles(page) && (self == Self::Simulated || *page == self.page(masked))
    }

    /// The payload.
    pub(crate) fn page(self, masked: bool) -> Value {
        let items: Vec<Value> = (1..=self.count())
            .map(|number| self.robot(number, masked))
            .collect();
        json!({ "total": self.total(), "items": items })
    }

    fn robot(self, number: usize, masked: bool) -> Value {
        let token = if masked {
            "***".to_owned()
        } else {
            format!("comm-token-{number:03}")
        };
        if self == Self::Small {
            return json!({
                "id": number,
                "agentNo": "ROBOT-001",
                "agentAlias": "机器人-001",
                "agentType": "robot",
                "commToken": token,
                "dataStatus": "free",
            });
        }
        json!({
            "id": 9_007_199_254_740_993_u64 + number as u64,
            "createTime": 1_600_000_000_000_u64,
            "modifyTime": 1_600_086_400_000_u64,
            "agentNo": format!("ROBOT-{number:03}"),
            "agentDcode": format!("ROBOT-{number:03}"),
            "agentIp": format!("192.0.2.{}", number % 256),
            "isManager": number.is_multiple_of(2),
            "agentType": "robot",
            "agentAlias": format!("机器人-{number:03}"),
            "userName": format!("rpa{number:03}"),
            "userDomain": null,
            "agentName": format!("HOST-{number:03}"),
            "orgId": null,
            "orgName": null,
            "orgCode": "-010-025-",
            "curOrgName": "江苏",
            "rpaUserName": "li.na",
            "agentOs": "Windows 10",
            "agentVersion": "2020.3.0",
            "desktopType": null,
            "lastHeartTime": 1_600_172_800_000_u64,
            "description": null,
            "nextAction": null,
            "dataStatus": "free",
            "status": 0,
            "rdpPort": 3389,
            "commToken": token,
            "licSn": format!("LIC-{number:03}"),
            "licStatus": number % 4,
            "licDateExpiry": 1_631_536_000_000_u64,
            "lastLoginTime": "2020-09-14 09:25:51",
        })
    }
}
