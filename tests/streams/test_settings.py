"""Settings: what the environment says, what is refused and how it is said."""

from __future__ import annotations

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from models.campaigns import EventTracker
from streams.address import join_address, split_addresses
from streams.knobs.knob import SettingsError, variable
from streams.settings import ADDRESS_FILE, Settings
from streams.settings_table import markdown, table


def test_every_setting_can_be_set_by_its_variable(tmp_path: Path) -> None:
    environ = {
        "KAFKA_BROKER": "kafka:9093",
        "SHIFTCAST_PARTITIONS": "12",
        "SHIFTCAST_FLUSH_INTERVAL_S": "0.25",
        "SHIFTCAST_CONSENT_DEFAULT": "yes",
        "SHIFTCAST_DATA_DIR": "/var/lib/shiftcast",
        "SHIFTCAST_INSTANCE_ID": "profiles-0",
        "SHIFTCAST_COPYWRITER": "stub:5",
        "SHIFTCAST_MODEL_DIR": "",
        "SHIFTCAST_TRACKERS": '[{"type": 1, "method": 2, "url": "https://t.example/i?c=${CREATIVE_ID}"}]',
    }
    settings = Settings.from_environ(environ, tmp_path)
    assert (settings.broker, settings.partitions, settings.flush_interval_s, settings.consent_default) == (
        "kafka:9093",
        12,
        0.25,
        True,
    )
    assert (settings.data_dir, settings.instance_id, settings.copywriter) == (
        Path("/var/lib/shiftcast"),
        "profiles-0",
        "stub:5",
    )
    assert settings.model_dir is None
    assert settings.trackers == (EventTracker(1, 2, "https://t.example/i?c=${CREATIVE_ID}"),)
    assert settings.app_id("profiles") == "shiftcast-profiles"


def test_the_broker_of_this_folder_is_used_unless_one_is_named(tmp_path: Path) -> None:
    assert Settings.from_environ({}, tmp_path).broker == "127.0.0.1:9092"
    address = tmp_path / ADDRESS_FILE
    address.parent.mkdir(parents=True)
    address.write_text("127.0.0.1:45678\n")
    assert Settings.from_environ({}, tmp_path).broker == "127.0.0.1:45678"
    assert Settings.from_environ({"KAFKA_BROKER": "other:1"}, tmp_path).broker == "other:1"


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("SHIFTCAST_PARTITIONS", "four", "whole number"),
        ("SHIFTCAST_PARTITIONS", "0", "at least 1"),
        ("SHIFTCAST_FLUSH_INTERVAL_S", "60", "at most 10"),
        ("SHIFTCAST_FLUSH_INTERVAL_S", "nan", "at least"),
        ("SHIFTCAST_MAX_EVENT_AGE_S", "inf", "at most"),
        ("SHIFTCAST_ARENA_BYTES", "9" * 30, "at most"),
        ("SHIFTCAST_APP_PREFIX", "a b/c", "of A-Z a-z 0-9"),
        ("SHIFTCAST_INSTANCE_ID", "../w", "that begin with no dot"),
        ("SHIFTCAST_ASSETS_BUCKET", "foo", "s3://NAME"),
        ("SHIFTCAST_PHOTO_HOSTS", "ht tp//x", "cdn.example"),
        ("SHIFTCAST_COPYWRITER", "stub:²", "stub:<milliseconds>"),
        ("SHIFTCAST_CONSENT_DEFAULT", "maybe", "true or false"),
        ("SHIFTCAST_PROVIDER", "tpu", "cpu, cuda"),
        ("SHIFTCAST_COPYWRITER", "stub", "stub:<milliseconds>"),
        ("SHIFTCAST_DSA_DOMAIN", "localhost", "names no public host"),
        ("SHIFTCAST_TRACKERS", "https://t.example", "give [{type, method, url}] as JSON"),
        ("SHIFTCAST_TRACKERS", '[{"type": 1, "method": 1}]', "missing required field `url`"),
        ("SHIFTCAST_TRACKERS", '[{"type": 1, "method": 1, "url": "http://t.example"}]', "is no https"),
        ("SHIFTCAST_SECURITY_PROTOCOL", "SASL_SSL", "SHIFTCAST_SASL_USERNAME"),
    ],
)
def test_a_bad_value_is_refused_by_name_value_and_rule(
    name: str, value: str, rule: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({name: value}, tmp_path)
    assert name in str(caught.value)
    assert value in str(caught.value)
    assert rule in str(caught.value)


@pytest.mark.parametrize("each", fields(Settings), ids=variable)
def test_no_number_of_any_setting_is_endless_or_none(each: Field[Any], tmp_path: Path) -> None:
    if isinstance(each.default, float) or each.name == "pool_bar":
        for text in ("inf", "-inf", "nan", "1e300"):
            with pytest.raises(SettingsError, match=f"{variable(each)} is "):
                Settings.from_environ({variable(each): text}, tmp_path)


def test_addresses_and_names_of_their_form_are_taken(tmp_path: Path) -> None:
    said = {
        "SHIFTCAST_APP_PREFIX": "shop-2.eu",
        "SHIFTCAST_ASSETS_BUCKET": "s3://ads/pictures",
        "SHIFTCAST_PHOTO_HOSTS": "cdn.example, *.img.example:8443 http://plain.example",
        "SHIFTCAST_REDIS_URL": "rediss://:open-sesame@host:6379/0",
    }
    assert Settings.from_environ(said, tmp_path).app_prefix == "shop-2.eu"
    with pytest.raises(SettingsError, match="give an address as redis://") as caught:
        Settings.from_environ({"SHIFTCAST_REDIS_URL": "http://:open-sesame@host"}, tmp_path)
    assert "open-sesame" not in str(caught.value)


def test_secrets_come_from_files_and_are_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    environ = {"SHIFTCAST_SASL_PASSWORD_FILE": str(file), "SHIFTCAST_PAGE_TOKEN": "open-sesame"}
    settings = Settings.from_environ(environ, tmp_path)
    assert settings.sasl_password == "hunter2"
    assert "hunter2" not in repr(settings)
    assert "open-sesame" not in repr(settings)
    with pytest.raises(SettingsError, match=r"SHIFTCAST_PAGE_TOKEN_FILE.*cannot be read"):
        Settings.from_environ({"SHIFTCAST_PAGE_TOKEN_FILE": str(tmp_path / "none")}, tmp_path)


def test_the_table_names_every_setting_once_with_its_risk() -> None:
    names = [name for name, _default, _unit, _risk in table()]
    assert names == [variable(each) for each in fields(Settings)]
    assert len(set(names)) == len(names)
    assert all(risk for _name, _default, _unit, risk in table())
    assert "| `SHIFTCAST_ARENA_BYTES` | `402653184` | bytes |" in markdown()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kafka://127.0.0.1:9092", "give 127.0.0.1:9092 without kafka://"),
        ("a:9092,SASL_SSL://b:9092", "give b:9092 without SASL_SSL://"),
        ("nonsense", "'nonsense' is not host:port"),
        ("127.0.0.1:x", "is not host:port"),
        ("a:9092,", "'' is not host:port"),
        ("a:70000", "is not host:port"),
        ("::1:9092", "is not host:port"),
    ],
)
def test_an_address_that_is_none_says_how_to_write_it(text: str, rule: str) -> None:
    with pytest.raises(SettingsError, match="KAFKA_BROKER is") as caught:
        Settings.from_environ({"KAFKA_BROKER": text})
    assert rule in str(caught.value)


def test_addresses_as_people_write_them() -> None:
    assert split_addresses("a:1, [::1]:2") == [("a", 1), ("::1", 2)]
    assert [join_address(*each) for each in (("a", 1), ("::1", 2))] == ["a:1", "[::1]:2"]
