//! The schema that editors read is the one that the program prints.

#[test]
fn the_published_schema_is_up_to_date() {
    let published = include_str!("../../../docs/study.schema.json");
    assert!(
        published == il2_study::study::schema(),
        "docs/study.schema.json is out of date; regenerate it with: \
         il2 schema > docs/study.schema.json"
    );
}
