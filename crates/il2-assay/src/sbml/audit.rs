//! The audit of a model for programs.

use il2_sbml::SbmlError;
use serde_json::json;

/// The audit of the text of a model in SBML as JSON.
pub fn audit_json(text: &str) -> Result<serde_json::Value, SbmlError> {
    let model = il2_sbml::read(text)?;
    let network = il2_sbml::network(&model)?;
    let audit = il2_sbml::audit(&model, &network)?;
    let findings = audit
        .findings
        .iter()
        .map(|f| json!({"kind": f.kind.word(), "place": f.place, "finding": f.sentence}));
    Ok(json!({"model": model.name, "level": model.level.0,
        "version": model.level.1, "conserved": audit.totals,
        "conserved_by_rate_rules": audit.rate_totals,
        "findings": findings.collect::<Vec<_>>()}))
}
