"""Rules that close attacks on trust files, documents, mirrors and status lists, each with the tests that would see it broken.

A test that is renamed or removed must leave this table with its rule. The table says what is tested, not what is not.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).resolve().parents[1]

TRUST: Final = {
    "one number with two hashes is an equivocation, and both are kept": (
        "cli/test_trust.py::test_two_files_of_one_number_are_both_kept",
        "cli/test_trust.py::test_another_hash_than_the_recorded_one_is_an_equivocation",
        "node/verification/test_trust_update.py::test_two_good_files_of_one_number_end_the_walk_whichever_comes_first",
        "node/verification/test_trust_update.py::test_a_mirror_keeps_both_files_of_one_number_and_none_after_them",
    ),
    "signatures count once a key, from the threshold on, and one stolen key signs nothing": (
        "registry/ledger_facts/test_trust_file.py::test_a_file_counts_from_its_threshold_on",
        "registry/ledger_facts/test_trust_file.py::test_a_stranger_does_not_count",
        "registry/ledger_facts/test_trust_file.py::test_one_stolen_key_signs_nothing",
        "registry/ledger_facts/test_trust_file.py::test_keys_are_replaced_by_a_file_that_old_and_new_thresholds_sign",
    ),
    "an update takes at most 1,024 steps": (
        "node/verification/test_trust_update.py::test_a_walk_takes_at_most_1024_steps",
    ),
    "a higher recorded number is not checked": (
        "registry/verification/test_verdicts.py"
        "::test_an_older_record_of_the_council_refuses_nothing_and_a_newer_one_is_not_checked",
        "node/verification/test_trust_update.py::test_a_source_that_leaves_files_out_is_found_by_the_record",
        "cli/test_registry_stop.py::test_an_outdated_trust_file_is_said_by_issue_and_status",
    ),
    "a walk ends at the recorded hash": (
        "node/verification/test_trust_update.py::test_a_walk_ends_at_the_recorded_file",
        "node/verification/test_trust_update.py::test_another_hash_than_the_recorded_one_ends_the_walk",
        "cli/test_trust.py::test_a_walk_ends_at_the_file_that_the_council_recorded",
    ),
    "another chain, genesis or contracts is never followed": (
        "registry/ledger_facts/test_trust_file.py::test_other_contracts_or_other_code_are_another_ledger",
        "node/verification/test_trust_update.py::test_a_file_that_may_not_follow_is_not_walked_to",
        "cli/test_node_join.py::test_a_bound_node_follows_no_file_of_another_ledger",
    ),
    "a pin and a join want the hash confirmed": (
        "cli/test_trust.py::test_nothing_is_signed_or_pinned_unseen",
        "cli/test_node_join.py::test_an_unconfirmed_or_broken_file_binds_nothing",
    ),
    "at or below a named block a header counts only by parent links, never by seals": (
        "registry/evidence/test_bundle.py::test_at_or_below_a_named_block_no_seal_counts",
        "registry/evidence/test_light_client.py::test_at_or_below_a_named_block_only_its_ancestors_count",
    ),
    "seals count only for the open set, above the closed interval and later": (
        "registry/evidence/test_bundle.py::test_the_open_set_counts_and_no_other",
        "registry/evidence/test_bundle.py::test_seals_of_others_or_one_seal_three_times_do_not_vouch",
        "registry/evidence/test_light_client.py::test_below_or_before_the_end_of_a_closed_interval_no_head_counts",
    ),
    "up to 64 blocks below the head are tried": (
        "registry/evidence/test_light_client.py::test_below_a_head_that_others_sealed_up_to_64_blocks_are_tried",
    ),
    "the kind alone decides whether seals count": (
        "registry/ledger_facts/test_trust_file.py::test_seals_of_no_set_count_on_a_development_chain",
    ),
}

DOCUMENTS_AND_MIRRORS: Final = {
    "a document is taken without a token if a party whose word counts names its hash": (
        "node/http/test_documents.py::test_what_each_party_names_is_taken_and_given_out",
        "node/http/test_documents.py::test_a_document_nobody_named",
        "node/http/test_documents.py::test_without_an_index_nobody_is_told_that_nothing_is_named",
    ),
    "an applicant's go to the authority alone, and are not public before its activation": (
        "node/http/test_documents.py::test_an_applicants_document_is_the_authoritys_alone",
        "node/http/test_documents.py::test_an_applicants_key_is_in_no_did_document",
    ),
    "2 MiB a document, 64 documents and 4 MiB a subject": (
        "node/http/test_documents.py::test_a_document_of_another_size",
        "node/http/test_documents.py::test_an_applicant_fills_no_storage",
        "node/http/test_documents.py::test_the_bytes_of_a_subject_have_a_limit",
    ),
    "the bytes are the form whose SHA-256 is the name": (
        "node/http/test_documents.py::test_a_document_under_another_name",
        "cli/test_documents.py::test_what_a_node_gives_out_is_checked",
        "cli/test_mirror.py::test_what_a_source_serves_wrongly_is_refused_and_the_next_is_asked",
    ),
    "a proposal of a node is the chain's": ("node/http/test_documents.py::test_what_is_not_the_chains_is_not_taken",),
    "a list signed by the trust keys withholds": (
        "node/http/test_documents.py::test_a_withheld_document_is_neither_missing_nor_given_out",
        "node/http/test_documents.py::test_a_list_that_does_not_count",
        "cli/test_documents.py::test_two_signers_withhold_an_act",
        "registry/audit/test_replay.py::test_a_withheld_statement_is_not_a_missing_one",
    ),
    "a list that withholds never goes back, and outlives its keys where it was taken": (
        "node/mirroring/test_withheld_copy.py::test_an_older_rightly_signed_list_changes_nothing",
        "node/mirroring/test_withheld_copy.py::test_a_list_outlives_the_keys_that_signed_it",
        "node/http/test_documents.py::test_a_mirrors_copy_outlives_the_keys_that_signed_it",
    ),
    "sources obey the rules for addresses, and are used from a pinned file only": (
        "cli/test_mirror.py::test_sources_are_asked_only_if_the_trust_file_is_pinned",
        "cli/test_trust.py::test_an_update_asks_no_mirror_of_a_file_that_is_not_pinned",
        "node/mirroring/test_sources.py::test_local_addresses_but_no_link_local_ones",
        "node/outbound/test_fetch.py::test_a_listed_host_at_an_address_inside_is_not_asked",
    ),
    "a source costs a bounded number of requests, bytes and seconds": (
        "node/mirroring/test_sources.py::test_a_source_is_asked_a_bounded_number_of_times",
        "node/mirroring/test_sources.py::test_a_source_sends_a_bounded_number_of_bytes",
        "node/mirroring/test_sources.py::test_a_source_has_a_bounded_time",
    ),
    "tools ask by herd and never by digest": (
        "cli/test_mirror.py::test_a_mirror_of_a_static_host_is_the_folder_itself",
    ),
    "a line of the access log names a route and no path": (
        "node/http/test_privacy.py::test_a_request_is_one_line_that_names_its_route",
    ),
    "a mirror is never believed": (
        "cli/test_mirror.py::test_a_mirror_that_lies_gets_nobody_to_believe_anything_false",
        "node/recovery/test_mend.py::test_a_mirror_is_not_believed",
    ),
}

STATUS: Final = {
    "signing compares and swaps the row of a list": (
        "node/publication/test_status_lists.py::test_publishers_at_once_lose_nothing_of_each_other",
        "node/publication/test_status_lists.py::test_a_list_is_replaced_only_in_place_of_the_version_that_was_read",
    ),
    "versions rise strictly": (
        "node/publication/test_status_lists.py::test_versions_rise_while_the_clock_stands_still",
    ),
    "mirrors never go back": (
        "node/mirroring/test_list_copy.py::test_an_older_rightly_signed_list_takes_no_newer_ones_place",
        "node/publication/test_status_lists.py::test_a_mirror_never_goes_back",
        "node/publication/test_status_lists.py::test_two_processes_never_roll_a_list_back",
    ),
    "a list may be issued a minute ahead": (
        "node/mirroring/test_list_copy.py::test_a_list_may_be_issued_a_minute_ahead_and_no_more",
    ),
    "a list that has not changed is not sent again": (
        "node/http/test_status_now.py::test_a_list_that_has_not_changed_is_not_sent_again",
    ),
    "anchoring that is stuck for five minutes raises an alarm": (
        "node/http/test_status_now.py::test_a_change_that_waits_for_five_minutes_raises_an_alarm",
        "node/http/test_late_alarm.py::test_an_alarm_begins_after_five_minutes_and_ends_with_the_anchor",
    ),
}

RULES: Final = {**TRUST, **DOCUMENTS_AND_MIRRORS, **STATUS}


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    module = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_its_tests(rule: str) -> None:
    missing = [name for name in RULES[rule] if name.split("::")[1] not in names_in(name.split("::")[0])]
    assert RULES[rule] and missing == []
