//! What an act says, field by field, in words: for those who read the record.

use protocol::window::{Field, Words};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest value that is shown; what is longer is cut, and its digest stands in the proof.
const MOST_CHARACTERS: usize = 4_000;
/// Most fields of one act that are shown: a committee's round has some two hundred.
const MOST_FIELDS: usize = 400;

/// Fields of payloads and of the values inside them, as `docs/formats/catalogue.md` has them.
const NAMES: &[(&str, &str, &str)] = &[
    ("act_key", "行为公钥", "key of its acts"),
    ("actor", "行为人公钥", "key of the author"),
    ("amount", "金额", "amount"),
    ("assigned", "分配结果", "assigned"),
    ("attributes", "政策属性", "attributes for policy"),
    ("backups", "备份", "backup"),
    ("bad", "未通过", "failed"),
    ("bidder", "投标人", "bidder"),
    ("bidders", "投标人", "bidders"),
    ("bids", "投标", "bid"),
    ("blob", "文件", "file"),
    ("booth", "评标仓", "booth"),
    ("by", "接替者", "replaced by"),
    ("centre", "评标中心", "centre"),
    ("certificate", "证书", "certificate"),
    ("clerk", "经办人员", "clerk"),
    ("closed", "关闭行为编号", "act of the close"),
    ("code", "拒绝代码", "refusal code"),
    ("code_names", "代号", "code names"),
    ("commitment", "承诺", "commitment"),
    ("container", "密封件", "sealed file"),
    ("count", "数量", "count"),
    ("criteria", "评审因素", "criteria"),
    ("criterion", "评审因素", "criterion"),
    ("ct", "密文", "ciphertext"),
    ("custodian", "保管人", "custodian"),
    ("deadline", "投标截止时间", "deadline"),
    ("deal", "分发", "deal"),
    ("dealer", "被质疑的分发人", "dealer complained of"),
    ("deals", "全部分发的摘要", "digest of all deals"),
    ("development", "开发密钥", "development keys"),
    ("device", "设备", "device"),
    ("digest", "摘要", "digest"),
    ("dissent", "不同意见", "dissent"),
    ("distinct", "不同投标人数", "distinct bidders"),
    ("documents", "文件", "document"),
    ("enc", "封装密钥", "encapsulated key"),
    ("encryption_key", "加密公钥", "encryption key"),
    ("event", "事件", "event"),
    ("extract", "公开摘录", "public extract"),
    ("fail", "不通过的理由", "reason of the fail"),
    ("failed", "未能开启", "not opened"),
    ("fault", "问题", "fault"),
    ("file", "文件", "file"),
    ("filled", "已填格数", "filled cells"),
    ("first_leaf", "首叶散列", "first leaf"),
    ("from", "起", "from"),
    ("good", "通过", "passed"),
    ("ground", "事由", "ground"),
    ("grounds", "回避事由", "ground"),
    ("head", "记录位置", "record reached"),
    ("holders", "密钥持有人", "holder"),
    ("host", "主场", "host site"),
    ("index", "序号", "index"),
    ("items", "审查项", "item"),
    ("key", "公钥", "key"),
    ("kind", "类型", "kind"),
    ("leader", "推选的组长", "leader voted for"),
    ("line", "代号", "code name"),
    ("lines", "评委", "member"),
    ("log_key", "检查点公钥", "key of checkpoints"),
    ("lost", "遗失的内容", "lost"),
    ("lost_leaves", "遗失的叶", "lost leaves"),
    ("manifest", "附件清单摘要", "digest of the manifest"),
    ("member", "评委", "member"),
    ("minimum", "最低数量", "minimum"),
    ("missing", "未响应的一方", "silent parties"),
    ("name", "名称", "name"),
    ("new", "新公钥", "new key"),
    ("note", "备注", "note"),
    ("number", "编号", "number"),
    ("of", "委员会人数", "size of the committee"),
    ("old", "原公钥", "old key"),
    ("opened", "开启结果", "opened"),
    ("organisation", "单位", "organisation"),
    ("origin", "记录编号", "record"),
    ("outcome", "结果", "outcome"),
    ("outside", "中心以外", "outside the centre"),
    ("page", "页码", "page"),
    ("part", "部分", "part"),
    ("partial", "部分解密", "partial decryption"),
    ("partials", "部分解密", "partial decryption"),
    ("parties", "抽签各方公钥", "parties of the draw"),
    ("parts", "部分", "part"),
    ("person", "人员", "person"),
    ("phrase", "用语", "phrase"),
    ("planned_close", "计划关闭时间", "planned close"),
    ("possession", "持有证明", "proof of possession"),
    ("presence", "到场情况", "presence"),
    ("procedure", "程序版本", "procedure"),
    ("proposal", "提议的行为编号", "act of the proposal"),
    ("quorum", "会签门限", "quorum of witnesses"),
    ("reason", "理由", "reason"),
    ("rebuilt", "重建的叶数", "leaves rebuilt"),
    ("replaced", "被更换者", "replaced"),
    ("report", "评标报告", "report"),
    ("role", "角色", "role"),
    ("root", "根哈希", "root"),
    ("roster", "评委", "member"),
    ("rule", "规则", "rule"),
    ("rulebook", "评标规则", "rulebook"),
    ("seat", "席位", "seat"),
    ("secret", "本轮私钥", "secret of the round"),
    ("share", "密钥份额", "share"),
    ("sheet", "评分表", "sheet"),
    ("sheet_size", "评分表字节数", "bytes of a sheet"),
    ("since", "起始时间", "since"),
    ("site", "场所", "site"),
    ("size", "大小", "size"),
    ("snapshot", "快照", "snapshot"),
    ("source", "出处", "source"),
    ("specialty", "专业", "specialty"),
    ("state", "状态", "state"),
    ("submission", "投标编号", "submission"),
    ("superseded", "作废时", "when superseded"),
    ("tender", "招标文件", "tender"),
    ("threshold", "门限", "threshold"),
    ("ticket", "签到凭证", "ticket"),
    ("time", "时间", "time"),
    ("to", "止", "to"),
    ("value", "值", "value"),
    ("version", "软件版本", "software version"),
    ("witnesses", "日志见证", "log witness"),
    ("wraps", "封装的密钥", "wrapped keys"),
];

/// Fields that hold milliseconds since 1970.
const TIMES: [&str; 4] = ["deadline", "planned_close", "since", "time"];

/// The words of a field; a name that is no field of ours stays as it is.
fn name(field: &str) -> Words {
    let found = NAMES.iter().find(|(name, ..)| *name == field);
    found.map_or_else(|| Words::same(field), |(_, zh, en)| Words::new(*zh, *en))
}

/// The payload as a flat list: what stands inside another value carries the way to it.
pub(super) fn fields(payload: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    for (member, value) in payload.as_object().into_iter().flatten() {
        let mut label = name(member);
        label.en = capitalised(&label.en);
        put(&mut fields, &label, member, value);
    }
    if fields.len() > MOST_FIELDS {
        let rest = fields.len() - MOST_FIELDS;
        fields.truncate(MOST_FIELDS);
        fields.push(Field {
            name: Words::new("未显示的字段", "Fields not shown"),
            value: rest.to_string(),
        });
    }
    fields
}

fn put(fields: &mut Vec<Field>, label: &Words, member: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let inner = name(member);
                let label = Words::new(
                    format!("{} › {}", label.zh, inner.zh),
                    format!("{} › {}", label.en, inner.en),
                );
                put(fields, &label, member, value);
            }
        }
        Value::Array(values) if values.iter().any(|value| value.is_object() || value.is_array()) => {
            for (place, value) in (1..).zip(values) {
                let label = Words::new(format!("{} {place}", label.zh), format!("{} {place}", label.en));
                put(fields, &label, member, value);
            }
        }
        Value::Array(values) if values.is_empty() => push(fields, label, "—"),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| plain(member, value)).collect();
            push(fields, label, &values.join(", "));
        }
        other => push(fields, label, &plain(member, other)),
    }
}

fn push(fields: &mut Vec<Field>, label: &Words, value: &str) {
    let value = match value.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    };
    fields.push(Field {
        name: label.clone(),
        value,
    });
}

fn plain(member: &str, value: &Value) -> String {
    let time = || {
        let millis = value.as_i64().filter(|_| TIMES.contains(&member))?;
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()?;
        time.format(&Rfc3339).ok()
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "—".to_owned(),
        other => time().unwrap_or_else(|| other.to_string()),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_CHARACTERS, MOST_FIELDS, NAMES, fields};
    use serde_json::json;

    /// Fields that the page of the catalogue describes: rows of its tables of two columns.
    fn described() -> Vec<String> {
        let page = include_str!("../../../../docs/formats/catalogue.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let named = rows.filter_map(|row| row.strip_suffix(" |")?.split_once("` | "));
        let fields = named.filter(|(name, meaning)| {
            name.chars()
                .all(|letter| letter == '_' || letter.is_ascii_lowercase())
                && !meaning.contains(" | ")
        });
        fields.map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn every_field_of_the_catalogue_has_its_words() {
        let described = described();
        assert!(
            described.len() > 100,
            "the page has its tables: {}",
            described.len()
        );
        let missing: Vec<&String> = described
            .iter()
            .filter(|field| !NAMES.iter().any(|(name, ..)| name == field))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn values_within_values_say_the_way_to_them() {
        let said = fields(&json!({
            "reason": "late",
            "time": 1_796_040_000_000_i64,
            "parties": ["a", "b"],
            "dissent": null,
            "holders": [{"index": 1, "key": "k1"}, {"index": 2, "key": "k2"}],
        }));
        let said: Vec<(&str, &str)> = said
            .iter()
            .map(|field| (field.name.en.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("Dissent", "—"),
                ("Holder 1 › index", "1"),
                ("Holder 1 › key", "k1"),
                ("Holder 2 › index", "2"),
                ("Holder 2 › key", "k2"),
                ("Parties of the draw", "a, b"),
                ("Reason", "late"),
                ("Time", "2026-11-30T12:00:00Z"),
            ]
        );
    }

    #[test]
    fn long_acts_are_cut_and_say_so() {
        let said = fields(&json!({ "note": "字".repeat(MOST_CHARACTERS + 1) }));
        assert_eq!(said[0].value.chars().count(), MOST_CHARACTERS + 1);
        assert!(said[0].value.ends_with('…'));
        let many: Vec<_> = (0..MOST_FIELDS + 7)
            .map(|index| json!({ "index": index }))
            .collect();
        let said = fields(&json!({ "holders": many }));
        assert_eq!(said.len(), MOST_FIELDS + 1);
        assert_eq!(said[MOST_FIELDS].value, "7");
    }
}
