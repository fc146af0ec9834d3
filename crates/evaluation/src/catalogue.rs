//! All act types, those of later work included. `docs/formats/catalogue.md` is generated from this table.

/// Who makes acts of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A person's, holder's, member's or bidder's act.
    Person,
    /// The closed list of centre acts, recomputable from earlier acts.
    Centre,
    /// The closed list of observations, signed by the centre, never read by `apply`.
    Observation,
}

/// Whether this version builds the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Built.
    Built,
    /// The name and place are kept for later work; refused until then.
    Reserved,
}

/// One line of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct ActType {
    /// The type as it stands in acts.
    pub name: &'static str,
    /// Chinese word for people.
    pub zh: &'static str,
    /// Who makes it.
    pub class: Class,
    /// Whether it must carry a personal signature (protocol 1).
    pub personal: bool,
    /// Whether it may be made with the line cut (closed list, protocol 1).
    pub offline: bool,
    /// Round-control: a client refuses to go on if a leaf of this type is not opened to it (protocol 2).
    pub control: bool,
    /// Opens, defines or suspends its instance: later acts must have seen it (stale rule).
    pub defines: bool,
    /// Built or reserved.
    pub status: Status,
}

const fn line(name: &'static str, zh: &'static str) -> ActType {
    ActType {
        name,
        zh,
        class: Class::Person,
        personal: false,
        offline: false,
        control: false,
        defines: false,
        status: Status::Built,
    }
}

impl ActType {
    const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }
    const fn offline(mut self) -> Self {
        self.offline = true;
        self
    }
    const fn control(mut self) -> Self {
        self.control = true;
        self
    }
    const fn defines(mut self) -> Self {
        self.defines = true;
        self
    }
    const fn centre(mut self) -> Self {
        self.class = Class::Centre;
        self
    }
    const fn observation(mut self) -> Self {
        self.class = Class::Observation;
        self
    }
    const fn reserved(mut self) -> Self {
        self.status = Status::Reserved;
        self
    }
}

/// The catalogue.
pub const CATALOGUE: &[ActType] = &[
    // Set-up
    line("record.created", "建立存证记录").control().defines(),
    line("role.assigned", "角色登记").control(),
    line("site.enrolled", "场所登记"),
    line("booth.enrolled", "评标仓登记"),
    line("witness.replacement_proposed", "提议更换见证节点").control(),
    line("witness.replaced", "更换见证节点").control(),
    line("rulebook.amended", "评标办法补遗")
        .control()
        .defines()
        .reserved(),
    // Key ceremonies (lot key and round keys)
    line("lot_key.defined", "标段密钥设定").control().defines(),
    line("key.dealt", "密钥份额分发").personal().control(),
    line("key.acknowledged", "密钥份额确认").control(),
    line("key.complained", "密钥份额异议").control(),
    line("key.complaint_answered", "异议举证").control().reserved(),
    line("ingest_key.declared", "接收密钥公布").control(),
    // Bids
    line("bid.submitted", "递交投标文件"),
    line("bid.replaced", "替换投标文件"),
    line("bid.withdrawn", "撤回投标文件"),
    line("bid.imported", "导入外部平台投标文件").reserved(),
    line("deadline.reached", "投标截止").centre().control().defines(),
    line("opening.allowed", "同意继续开标").control(),
    line("opening.started", "开始开启").control().defines(),
    line("bid.unlocked", "投标人解密"),
    line("partial.released", "部分解密").personal().control(),
    line("part.opened", "开启结果").control(),
    line("opening.recorded", "开标记录").control(),
    line("opening.objected", "开标异议").reserved(),
    // Committee
    line("member.seated", "评委入册"),
    line("member.checked_in", "评委签到"),
    line("draw.opened", "抽签开始").control().defines(),
    line("draw.committed", "抽签承诺").control(),
    line("draw.revealed", "抽签揭示").control(),
    line("draw.voided", "抽签作废").centre().control(),
    line("draw.result", "抽签结果").centre().control(),
    line("key.bound", "评标密钥绑定").control(),
    line("binding.seen", "绑定核验").control(),
    line("member.key_replaced", "评标密钥更换").control(),
    line("member.replaced", "评委更换").control().reserved(),
    line("member.absent", "缺席认定").control(),
    line("promise.made", "承诺书").personal(),
    line("avoidance.declared", "回避声明").personal(),
    line("leader.voted", "推选组长"),
    // Review and rounds
    line("stage.opened", "环节开始").control().defines(),
    line("stage.closed", "环节结束").control(),
    line("qualification.decided", "资格审查").control(),
    line("round.defined", "评分轮设定").control().defines(),
    line("draft.saved", "草稿快照").offline(),
    line("note.saved", "私人笔记").offline().reserved(),
    line("sheet.sealed", "密封提交").personal().offline().control(),
    line("round.closed", "轮次关闭").personal().control(),
    line("round.countersigned", "关闭复核").personal().control(),
    line("share.released", "密钥份额释放").personal().control(),
    line("round.opened", "轮次开启").control(),
    line("signatures.checked", "本人签名核验"),
    line("motion.opened", "提出合议事项").reserved(),
    line("vote.cast", "表决").personal().reserved(),
    line("clarification.asked", "澄清要求").reserved(),
    line("clarification.answered", "澄清答复").reserved(),
    line("price.corrected", "报价修正").reserved(),
    // Result
    line("price.entered", "评审价录入").control(),
    line("result.computed", "汇总完成").control(),
    line("report.made", "评标报告").control(),
    line("report.signed", "报告签署").personal(),
    line("evaluation.ended", "终止评标").control().defines(),
    line("archived", "归档").control().defines(),
    // Supervision
    line("evaluation.suspended", "暂停封存").control().defines(),
    line("evaluation.resumed", "恢复评标").control().defines(),
    line("warning.given", "监督警示"),
    line("mark.set", "见证标记"),
    line("recovered", "恢复声明").centre().control(),
    // Register
    line("register.created", "建立中心登记簿").centre(),
    line("register.record_created", "登记存证记录").centre(),
    line("register.record_closed", "登记归档记录").centre(),
    line("register.account_changed", "账户变更").centre().reserved(),
    // Observations
    line("observation.refused", "拒绝记录").observation(),
    line("observation.health", "运行状况").observation(),
    line("observation.cover", "掩护叶").observation(),
    line("observation.evidence_read", "证据查阅")
        .observation()
        .reserved(),
    line("observation.recording_head", "录制链首")
        .observation()
        .reserved(),
];

/// The line of a type.
pub fn find(name: &str) -> Option<&'static ActType> {
    CATALOGUE.iter().find(|line| line.name == name)
}
