"""Minting through the broker beside the same request straight to the same upstream."""

from harness import Row, broker, median, ratio, simulator, wrk
from support.processes import SERVICE_KEY, Simulator, running

PATH = "/v1/realtime/client_secrets"
BODY = '{"session":{"type":"realtime","model":"gpt-realtime-2.1","instructions":"Be brief."}}'
ADDED_MS, PER_SECOND = 0.5, 5000


def measure(plan):
    with running(simulator()) as upstream:
        settings = {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": upstream.base_url}
        with running(broker(plan, "mint", settings)) as server:
            targets = {"ours": (server.url, SERVICE_KEY), "direct": (upstream.url, Simulator.KEY)}
            loads = {(name, c): [] for name in targets for c in (1, 64)}
            for _ in range(plan.rounds):
                for (name, connections), measured in loads.items():
                    url, key = targets[name]
                    measured.append(wrk(
                        url, "mint.lua", [PATH, key, "minter", BODY], connections, plan.seconds))
    return rows(loads)


def rows(loads):
    ours, direct = (median(loads[name, 1], "p50_ms") for name in ("ours", "direct"))
    rate, straight = (median(loads[name, 64], "per_second") for name in ("ours", "direct"))
    return [
        Row("mint, 1 client: p50, and what the broker adds",
            f"{ours:.2f} ms, +{ours - direct:.2f} ms", f"straight to upstream: {direct:.2f} ms",
            ratio(ours / direct), f"< {ADDED_MS} ms added", ours - direct < ADDED_MS),
        Row("mint, 64 clients (session stored durably)",
            f"{rate:,.0f}/s (p99 {median(loads['ours', 64], 'p99_ms'):.1f} ms)",
            f"straight to upstream: {straight:,.0f}/s", ratio(rate / straight),
            f">= {PER_SECOND:,}/s", rate >= PER_SECOND),
    ]
