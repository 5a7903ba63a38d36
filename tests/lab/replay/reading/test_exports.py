"""Exports as historians, SCADA, loggers and data portals write them, by what their documentation and users show."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.lab.replay.reading.tables import read, rows, told, values
from twin.lab.replay.numeric_table import DataError

COUNT = 20


def test_pi_datalink_writes_month_names_and_system_states(tmp_path: Path) -> None:
    states = {3: "I/O Timeout", 0: "Pt Created", 5: "Bad Input", 6: "[-11059] No Good Data For Calculation"}
    lines = [f"12-Jan-24 {h:02d}:00:00,{h / 2},{states.get(h, h)}" for h in range(COUNT)]
    recording = read(tmp_path, rows("Timestamp,SINUSOID,BA:LEVEL.1", lines), missing="allow", absent=states[6])
    assert values(recording)["SINUSOID"] == [h / 2 for h in range(COUNT)]
    assert values(recording)["BA:LEVEL.1"] == [h for h in range(COUNT) if h not in states]
    assert "'I/O Timeout' 1 times" in told(recording, "not measured")


def test_pi_web_api_has_flags_beside_the_value(tmp_path: Path) -> None:
    lines = [f"2015-07-12T{h:02d}:00:00Z,m,True,False,False,False,{h + 0.125}" for h in range(COUNT)]
    header = "Timestamp,UnitsAbbreviation,Good,Questionable,Substituted,Annotated,Value"
    recording = read(tmp_path, rows(header, lines))
    assert values(recording) == {"Value": [h + 0.125 for h in range(COUNT)]}


def test_ignition_report_of_java_dates(tmp_path: Path) -> None:
    lines = [f'"Thu Jan 04 {h:02d}:00:00 CET 2024","{h}","{2 * h}"' for h in range(COUNT)]
    recording = read(tmp_path, rows('"t_stamp","Tank/Level","Tank/Temp"', lines))
    assert values(recording)["Tank/Temp"] == [2 * h for h in range(COUNT)]
    assert "2024-01-03 23:00:00" in told(recording, "times")


def test_ignition_historian_table_by_tag_number(tmp_path: Path) -> None:
    header = "tagid,intvalue,floatvalue,stringvalue,datevalue,dataintegrity,t_stamp"
    lines = [
        f"{tag},,{tag * i},,,{192 if (tag, i) != (2, 4) else 500},{1_704_067_200_000 + 60_000 * i}"
        for i in range(COUNT)
        for tag in (1, 2)
    ]
    with pytest.raises(DataError, match=r"column tagid: rows repeat their time.*table.layout=long table.tag='tagid'"):
        read(tmp_path, rows(header, lines))
    recording = read(tmp_path, rows(header, lines), layout="long", missing="allow")
    assert values(recording)["1"] == list(range(COUNT))
    assert values(recording)["2"] == [2 * i for i in range(COUNT) if i != 4]
    assert told(recording, "not measured") == "1 readings of bad quality"


def test_wincc_comfort_panel_log(tmp_path: Path) -> None:
    lines = [
        f'"{tag}";"01.04.98 11:{m:02d}:52";{base + m},50;1;3588646{m:02d}322,81'
        for m in range(COUNT)
        for tag, base in (("Var_107", 60), ("Var_108", 90))
    ]
    lines += ['"$RT_OFF$";"01.04.98 11:20:55";0;2;35886460381,22', '"$RT_COUNT$";41']
    recording = read(tmp_path, rows('"VarName";"TimeString";"VarValue";"Validity";"Time_ms"', lines))
    assert values(recording) == {
        tag: [b + m + 0.5 for m in range(COUNT)] for tag, b in (("Var_107", 60), ("Var_108", 90))
    }
    assert recording.spec.tick == 60
    assert "1998-04-01 11:00:52" in told(recording, "times")


def test_aveva_historian_query_with_opc_qualities(tmp_path: Path) -> None:
    lines = [
        f"2024-01-01 00:{m:02d}:00.000,{tag},{m + base},{24 if m == 5 and base else 192}"
        for m in range(COUNT)
        for tag, base in (("ReactTemp", 20), ("ReactLevel", 0))
    ]
    text = rows("DateTime,TagName,Value,OPCQuality", lines)
    with pytest.raises(
        DataError, match=r"row 12, column Value: holds '25', a reading of bad quality \(table.missing=a"
    ):
        read(tmp_path, text)
    found = values(read(tmp_path, text, missing="allow"))
    assert found == {"ReactLevel": list(range(COUNT)), "ReactTemp": [20 + m for m in range(COUNT) if m != 5]}


def test_grafana_series_joined_by_time_for_excel(tmp_path: Path) -> None:
    names = ['{__name__="up", instance="a:9090"}', '{__name__="up", instance="b:9100"}']
    header = ",".join(['"Time"', *('"' + name.replace('"', '""') + '"' for name in names)])
    lines = [f"{1_704_067_200_000 + 15_000 * i},{i % 2},{i}" for i in range(COUNT)]
    recording = read(tmp_path, "sep=,\n" + rows(header, lines))
    assert values(recording) == {names[0]: [i % 2 for i in range(COUNT)], names[1]: list(range(COUNT))}
    assert recording.spec.tick == 15


def test_grafana_formatted_values_carry_their_unit(tmp_path: Path) -> None:
    recording = read(
        tmp_path, rows("Time,Kitchen", (f"2024-01-01 00:{i:02d}:00,{20 + i / 4} °C" for i in range(COUNT)))
    )
    assert values(recording) == {"Kitchen": [20 + i / 4 for i in range(COUNT)]}
    assert recording.spec.signals[0].unit == "°C"


def test_influxdb_annotated_csv_of_two_tables(tmp_path: Path) -> None:
    span = "2022-12-31T05:41:24Z,2023-01-31T05:41:24.001Z"
    head = [
        "#group,false,false,true,true,false,false,true,true,true",
        "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string",
        "#default,mean,,,,,,,,",
        ",result,table,_start,_stop,_time,_value,_field,_measurement,host",
    ]
    tables = [
        [f",,{t},{span},2023-01-01T00:{i:02d}:00Z,{base + i},mem,m,{host}" for i in range(COUNT)]
        for t, (host, base) in enumerate((("A", 15), ("B", 59)))
    ]
    recording = read(tmp_path, "\n".join([*head, *tables[0], "", *head, *tables[1], "", ""]))
    assert values(recording) == {"mem A": [15 + i for i in range(COUNT)], "mem B": [59 + i for i in range(COUNT)]}


def test_thingsboard_table_with_the_name_of_the_entity(tmp_path: Path) -> None:
    lines = [f"2024-01-01 00:{i:02d}:00;{name};{i};{2 * i}" for i in range(COUNT) for name in ("Boiler", "Chiller")]
    text = rows("Timestamp;Entity name;temperature;humidity", lines)
    with pytest.raises(DataError, match=r"column Entity name: rows repeat their time.*table.asset='Entity name'"):
        read(tmp_path, text)
    recording = read(tmp_path, text, asset="Entity name")
    assert values(recording)["Chiller.humidity"] == [2 * i for i in range(COUNT)]


def test_asos_of_the_iowa_mesonet_with_missing_and_trace(tmp_path: Path) -> None:
    lines = [
        f"AMW,2020-01-01 {h:02d}:53,{30 + h},{'M' if h == 4 else h},{'T' if h == 2 else '0.00'}" for h in range(COUNT)
    ]
    text = "#DEBUG: Format Typ    -> comma\n#DEBUG: Time Zone     -> Etc/UTC\n" + rows(
        "station,valid,tmpf,dwpf,p01i", lines
    )
    recording = read(tmp_path, text, missing="allow")
    assert values(recording)["dwpf"] == [h for h in range(COUNT) if h != 4]
    assert told(recording, "not measured") == "'M' 1 times, 'T' 1 times"


def test_ndbc_buoy_in_blanks_with_units_and_newest_first(tmp_path: Path) -> None:
    head = "#YY  MM DD hh mm WDIR WSPD  WVHT   PRES\n#yr  mo dy hr mn degT m/s     m   hPa\n"
    lines = [f"2024 01 05 {h:02d} 50  {200 + h}  {h / 2:.1f}    MM 1013.{h % 10}\n" for h in reversed(range(COUNT))]
    recording = read(tmp_path, head + "".join(lines))
    assert values(recording)["WSPD"] == [h / 2 for h in range(COUNT)]
    assert [signal.unit for signal in recording.spec.signals] == ["degT", "m/s", "hPa"]
    assert "column WVHT: holds no readings" in told(recording, "left out")


def test_entsoe_intervals_through_the_end_of_summer_time(tmp_path: Path) -> None:
    at = "27/10/2024 {}:00:00{} - 27/10/2024 {}:00:00{}"
    hours = [("01", "", "02", ""), ("02", " (CEST)", "02", " (CET)"), ("02", " (CET)", "03", ""), ("03", "", "04", "")]
    lines = [f'"{at.format(*hour)}","BZN|CZ","{i}","N/A"' for i, hour in enumerate(hours)]
    header = '"MTU (CET/CEST)","Area","Actual Total Load (MW)","Forecast (MW)"'
    recording = read(tmp_path, rows(header, lines))
    assert (recording.spec.tick, recording.ticks) == (3600, 4)
    assert values(recording) == {"Actual Total Load (MW)": [0, 1, 2, 3]}


def test_labview_measurement_file_with_decimal_commas(tmp_path: Path) -> None:
    head = [
        "LabVIEW Measurement\t", "Writer_Version\t2", "Separator\tTab", "Decimal_Separator\t,", "X_Columns\tOne",
        "Date\t2024/04/10", "Time\t13:06:46,2639230999998221435", "***End_of_Header***\t", "\t", "Channels\t2\t\t",
        "Samples\t20\t20\t", "Date\t2024/04/10\t2024/04/10\t", "Y_Unit_Label\tVolts\tAmps\t",
        "X0\t0,0000000000000000E+0\t0,0000000000000000E+0\t", "Delta_X\t0,002\t0,002\t", "***End_of_Header***\t\t\t",
    ]  # fmt: skip
    lines = [f"{i * 0.002:.6f}\t{i / 2:.3f}\t{i / 4:.3f}\t".replace(".", ",") for i in range(COUNT)]
    recording = read(tmp_path, "\n".join(head) + "\n" + rows("X_Value\tVoltage\tCurrent\tComment", lines))
    assert recording.spec.tick == 0.002
    assert values(recording) == {"Voltage": [i / 2 for i in range(COUNT)], "Current": [i / 4 for i in range(COUNT)]}


def test_campbell_toa5(tmp_path: Path) -> None:
    head = '"TOA5","CR1000","CR1000","1234","CR1000.Std.22","CPU:x.CR1","5566","Hourly"\n'
    lines = ['"TS","RN","Volts","Deg C"', '"","","Min","Avg"']
    lines += [
        f'"2024-01-01 {h:02d}:00:00",{100 + h},12.5,{chr(34) + "NAN" + chr(34) if h == 3 else h}' for h in range(COUNT)
    ]
    recording = read(tmp_path, head + rows('"TIMESTAMP","RECORD","BattV_Min","AirTC_Avg"', lines), missing="allow")
    assert values(recording) == {"BattV_Min": [12.5] * COUNT, "AirTC_Avg": [h for h in range(COUNT) if h != 3]}
    assert [signal.unit for signal in recording.spec.signals] == ["Volts", "Deg C"]
    assert "column RECORD: counts the rows" in told(recording, "left out")


def test_azure_iot_central(tmp_path: Path) -> None:
    header = "iothub-enqueuedtime,iothub-connection-device-id,temperature,pressure"
    lines = [f"2024-01-01T00:{i:02d}:00.1234567Z,dev1,{i},{2 * i}" for i in range(COUNT)]
    recording = read(tmp_path, rows(header, lines))
    assert (recording.spec.tick, values(recording)["pressure"]) == (60, [2 * i for i in range(COUNT)])


def test_home_assistant_history_of_states(tmp_path: Path) -> None:
    lines = [
        f"{name},{state},2024-01-01T00:{i:02d}:00.000Z"
        for i in range(COUNT)
        for name, state in (("sensor.a", i), ("sensor.b", "unavailable" if i == 2 else 3 * i), ("switch.c", "on"))
    ]
    recording = read(tmp_path, rows("entity_id,state,last_changed", lines), missing="allow")
    assert values(recording) == {"sensor.a": list(range(COUNT)), "sensor.b": [3 * i for i in range(COUNT) if i != 2]}
    assert "tags that hold words: switch.c" in told(recording, "left out")


def test_ercot_load_of_hours_ending_with_thousands(tmp_path: Path) -> None:
    lines = [f'01/{d:02d}/2024,{h:02d}:00,"{8000 + 100 * h:,}.5",N' for d in (1, 2) for h in range(1, 25)]
    recording = read(tmp_path, rows("OperDay,HourEnding,COAST,DSTFlag", lines))
    assert values(recording)["COAST"] == [8000.5 + 100 * h for _ in (1, 2) for h in range(1, 25)]


def test_citect_trend_of_american_dates(tmp_path: Path) -> None:
    lines = [f"1/{d}/2024,{h % 12 or 12}:00:00 {'AM' if h < 12 else 'PM'},{h}" for d in (12, 13) for h in range(24)]
    recording = read(tmp_path, rows("Date,Time,PUMP1", lines))
    assert (recording.spec.tick, recording.ticks, recording.value.tolist()) == (3600, 48, [*range(24), *range(24)])


def test_beckhoff_scope_with_its_end_of_file(tmp_path: Path) -> None:
    lines = [f"{10 * i};{i}.5" for i in range(COUNT)]
    recording = read(tmp_path, 'Name;"Power"\nFile;x\n\n' + rows("Time (ms);Power", [*lines, "EOF"]))
    assert math.isclose(recording.spec.tick, 0.01)
    assert "EOF" in told(recording, "left out")
