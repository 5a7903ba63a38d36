"""Words that stand in cells and headers: no value, a historian's status, a name of a column of times, a unit."""

from __future__ import annotations

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EMPTY = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "-", "--", "---", "nil", "<na>", "(null)", "?", "*", ".", "\\n"}
)
# System states of OSIsoft PI, OPC qualities, errors of spreadsheets, and what loggers write for a reading that is none.
STATUS = frozenset(
    word.strip()
    for word in """
    bad|no data|nodata|bad input|bad quality|bad data|bad value|i/o timeout|io timeout|shutdown|intf shut|
    comm fail|comm failure|comm_fail|communication error|not connect|not connected|no connection|disconnected|
    offline|off-line|scan off|scan timeout|scan time|configure|config|pt created|point created|calc off|
    calc failed|calc fail|calc timeout|no result|no sample|no lab data|over range|overrange|under range|
    underrange|out of range|overflow|underflow|out of serv|out of service|invalid|invalid data|invalid float|
    invalid value|error|err|fault|failed|failure|doc not found|access denied|not available|unavailable|
    unknown|missing|mm|m|trace|stale|timeout|timed out|uncertain|substituted|manual|undefined|#n/a|#n/a n/a|
    #na|#value!|#ref!|#div/0!|#num!|#name?|#null!|#error|n.a.|n.v.|k.a.|not found|tag not found|tagnotfound|
    data not found|n/d|nd|n/e|void|open circuit|sensor fail
    """.split("|")  # noqa: SIM905 - words of several parts
)
TRUE = frozenset({"true", "on", "yes"})
FALSE = frozenset({"false", "off", "no"})

# In this order of preference; `date` and a clock beside it are taken together before.
TIMES = _words(
    """
    time timestamp datetime date_time date ds t _time time_stamp t_stamp ts utc timestring zeitstempel zeit datum
    datum/uhrzeit datum_uhrzeit datum_zeit date/time date/heure horodatage fecha fecha/hora fecha_hora fechahora
    data/hora data_ora valid mtu time_utc date_utc datetime_utc local_time measured_at created_at recorded_at
    event_time eventtime sample_time sampletime utc_time time_local logtime log_time tijd tijdstip tid x_value
    elapsed elapsed_time elapsed_seconds time_elapsed cycle seconds sec secs last_changed last_updated
    """
)
CLOCKS = frozenset(_words("time clock uhrzeit zeit heure hora ora tijd time_utc clock_time timeofday"))
HOURS = frozenset(_words("hour hr hh he hourending hour_ending hour_ended hour_of_day stunde heure hora uur"))
COUNTERS = frozenset(
    _words(
        """
    index idx id no nr num number row rownum row_number rowid record recnum rec recno record_id # n sample seq
    sequence udi lfd_nr lfd.nr line entry
    """
    )
)
QUALITIES = frozenset(
    _words(
        """
    quality qualitycode quality_code qc qc_flag q opcquality opc_quality opcqualitydetail qualitydetail validity
    status statuscode status_code flag flags good questionable substituted annotated qualität qualitaet qualite
    calidad dataintegrity data_integrity quality_flag
    """
    )
)
SURE_QUALITIES = frozenset(
    _words("quality qualitycode quality_code opcquality opc_quality qc qc_flag quality_flag qualität")
)
TAGS = _words(
    """
    tagname tag tag_name tagid tag_id tagpath tag_path varname point pointname point_name point_id sensor sensor_id
    sensorid sensor_name sensorname variable variable_name metric metric_name signal signal_name signalname _field
    field parameter parameter_name item itemid item_id channel channel_name key series series_name node nodeid
    node_id measurement_name __name__ entity_id datapoint data_point property property_name name
    """
)
VALUES = _words(
    """
    value _value val vvalue varvalue tagvalue tag_value reading measurement wert valeur valor result state average
    avg
    """
)
NO_FAILURE = (
    EMPTY
    | FALSE
    | frozenset(
        _words(
            """
    0 ok okay normal good healthy n running run up working fine no_failure no_fault no_error none.
    """
        )
    )
)
FAILURE = TRUE | frozenset(_words("1 y fail failed failure fault faulty broken down x error alarm"))

_UNITS = frozenset(
    _words(
        """
    % %rh rh °c degc deg_c °f degf c f k kelvin celsius bar mbar kpa mpa pa hpa psi psig psia inh2o atm torr v mv kv
    volt volts a ma ka amp amps ampere w kw mw gw watt watts kwh mwh wh gwh va kva mva var kvar mvar kvarh hz khz
    mhz ghz rpm 1/min min-1 u/min m mm cm km µm um in ft mi nmi m/s km/h mph kn kt kts mm/s mm/s² m/s² m/s2 g mg kg
    t lb kg/h kg/s t/h m3 m³ m3/h m³/h nm3/h l l/min l/h l/s gpm ml s sec secs seconds ms us µs ns min mins minutes
    h hr hrs hours day days d nm n kn j kj mj w/m2 w/m² kw/m2 ppm ppb ppmv ph ohm ohms µs/cm us/cm ms/cm ntu db dba
    lux lx deg degt degrees rad eur eur/mwh €/mwh usd gbp/mwh eur/kwh count counts ts rn yr mo dy hr mn smp avg max
    min std tot unit units mg/l mg/m3 µg/m3 ug/m3 kgco2 kg/kwh gco2/kwh pu p.u. - uhr kn/m2 w/m^2 m^3/h
    """
    )
)


def is_unit(cell: str) -> bool:
    """Whether a cell is a unit: a known one, or anything in brackets."""
    text = cell.strip()
    return text.casefold() in _UNITS or (text[:1] + text[-1:] in ("[]", "()") and len(text) <= 16)


def plain(name: str) -> str:
    """A name without its unit in brackets, in small letters, with _ for blanks."""
    bare = re.sub(r"\s*[\[(][^\])]*[\])]\s*$", "", name.strip()) or name.strip()
    return re.sub(r"[\s_]+", "_", bare).casefold().strip(":")


def unit_in(name: str) -> str:
    """The unit at the end of a name in brackets: `Torque [Nm]`, `Time (s)`; empty where there is none."""
    found = re.search(r"[\[(]([^\[\]()/][^\[\]()]{0,11})[\])]\s*$", name)
    return found.group(1).strip() if found else ""
