"""stave-bench and `stave bench` at a tiny size: they work, and a wrong answer fails the run."""

import json
import re
import signal
import subprocess
import time
import unittest

from bench_case import BenchTest, STAVE, STAVE_BENCH, TINY

SINGLE = ("scanafterput", "close", "openclean", "openkilled")  # one operation: no percentiles


class Works(BenchTest):
    def test_every_workload_on_stave_and_the_baselines(self):
        lines = self.json_lines(*TINY, "--workloads", "all", "--json", "-", "--engines",
                                "stave,stave-positional,file-per-key,limit-mapping,limit-write,"
                                "limit-honest")
        head, results = lines[0], lines[1:]
        self.assertEqual(head["type"], "environment")
        for name in ("date", "cpu", "cores", "memory_bytes", "kernel", "file_system", "compiler",
                     "build", "num_ops", "key_size", "value_size", "seed"):
            self.assertIn(name, head)
        self.assertTrue(all(engine["version"] for engine in head["engines"]))
        workloads = {line["workload"] for line in results}
        self.assertEqual(len(workloads), 29)
        self.assertEqual(len(results), 2 * 6 * 29)  # a round for speed, one for latencies
        for line in results:
            self.assertNotIn("error", line)
            if line["engine"].startswith("stave"):
                self.assertNotIn("skipped", line)
            if "skipped" in line:
                continue
            self.assertGreater(line["ops_per_second"], 0)
            if line["pass"] == "latency" and not line["workload"] in SINGLE:
                self.assertTrue(0 < line["p50_ns"] <= line["p99_ns"] <= line["p999_ns"]
                                <= line["max_ns"], line)
        self.assertTrue(any("anonymous_bytes_per_key" in line.get("extra", {})
                            for line in results))

    def test_latencies_in_two_states_are_compared(self):
        lines = self.json_lines(*TINY, "--workloads", "putwhilemerging,putafteropen", "--engines",
                                "stave,stave-positional", "--no-latency", "--json", "-")
        self.assertEqual(len(lines), 1 + 2 * 2)
        for line in lines[1:]:
            extra = line["extra"]
            merging = line["workload"] == "putwhilemerging"
            reference = "idle" if merging else "settled"
            for name in ("put", "get") if merging else ("put",):
                for share in ("p50", "p99", "p999", "max"):
                    now = extra[f"{name}_{share}_ns"]
                    then = extra[f"{reference}_{name}_{share}_ns"]
                    self.assertGreater(min(now, then), 0)
                    self.assertAlmostEqual(extra[f"{name}_{share}_ratio"], now / then)
            if merging:
                self.assertGreater(extra["merge_seconds"], 0)
                # At most all 100 records twice; the puts beside may kill some before their turn.
                self.assertGreater(extra["merge_bytes"], 116)

    def test_walks_read_the_same_on_every_engine(self):
        names = ["readseq", "readreverse", "readkeys", "shortrange", "ycsbe", "scanafterput"]
        lines = self.json_lines(*TINY, "--workloads", ",".join(names), "--no-latency", "--json", "-",
                                "--engines", "stave,stave-positional,selftest-none")[1:]
        self.assertEqual([line["workload"] for line in lines[::3]], names)
        ops = {"readseq": 100, "readreverse": 100, "readkeys": 100, "shortrange": 10, "ycsbe": 10,
               "scanafterput": 1}
        sums = {}
        for line in lines:
            self.assertEqual(line["ops"], ops[line["workload"]])
            sums.setdefault(line["workload"], set()).add(
                line.get("extra", {}).get("values_checksum"))
        self.assertEqual({name: len(found) for name, found in sums.items()}, dict.fromkeys(names, 1))
        self.assertEqual(sums["readseq"], sums["readreverse"])
        self.assertNotIn(None, sums["readseq"] | sums["shortrange"] | sums["ycsbe"])

    def test_walks_need_an_order(self):
        text = self.run_bench("compare", *TINY, "--workloads", "readseq", "--no-latency", "--engines",
                              "stave,limit-honest").stdout
        self.assertIn("readseq: limit-honest: no order of keys", text)

    def test_coldread_says_that_memory_was_not_limited(self):
        lines = self.json_lines(*TINY, "--workloads", "coldread", "--engines", "stave",
                                "--no-latency", "--json", "-")
        extra = lines[1]["extra"]
        self.assertEqual(extra["memory_limit_bytes"], 0)
        self.assertIn("read_bytes_per_get", extra)
        cold = extra["read_bytes_per_get"] >= 2048 and extra.get("device_reads_per_get", 1) >= 0.5
        if cold:
            self.assertNotIn("note", lines[1])
        else:
            self.assertRegex(lines[1]["note"], r"^not cold: read \d+ bytes per get")

    def test_what_was_not_cold_is_not_compared(self):
        # A store in memory alone reads nothing from any device.
        text = self.run_bench("compare", *TINY, "--workloads", "coldread", "--no-latency",
                              "--engines", "selftest-none").stdout
        self.assertRegex(text, r"(?m)^coldread +\d")
        self.assertIn("coldread: selftest-none: not cold: read 0 bytes per get, so not compared",
                      text)
        self.assertRegex(text, r"(?m)^selftest-none +0\.00")
        self.assertNotIn("1.00x", text)

    def test_counts_are_integers(self):
        lines = self.json_lines(*TINY, "--workloads", "all", "--engines", "stave", "--json", "-")
        extras = [(name, figure) for line in lines[1:]
                  for name, figure in line.get("extra", {}).items()]
        self.assertGreater(len(extras), 50)
        for name, figure in extras:
            fraction = re.search("_per_|_ratio|_percent|_seconds", name) is not None
            self.assertEqual(type(figure), float if fraction else int, name)

    def test_which_put_was_the_longest(self):
        lines = self.json_lines(*TINY, "--workloads", "fillrandom,overwrite", "--engines", "stave",
                                "--json", "-")
        for line in lines[3:]:
            self.assertEqual(line["pass"], "latency")
            extra = line["extra"]
            self.assertEqual(max(extra["first_put_ns"], extra["longest_later_put_ns"]),
                             line["max_ns"])
            self.assertTrue(2 <= extra["longest_later_put"] <= 100)
        self.assertEqual([line["workload"] for line in lines[3:]], ["fillrandom", "overwrite"])

    def test_closing_is_measured_after_a_fill(self):
        line = self.json_lines(*TINY, "--workloads", "close", "--engines", "stave",
                               "--no-latency", "--json", "-")[1]
        self.assertEqual((line["ops"], line["records"]), (1, 100))
        self.assertGreater(line["seconds"], 0)
        self.assertIn("flush_seconds", line["extra"])

    def test_a_kill_tells_what_there_was_to_load(self):
        extra = self.json_lines(*TINY, "--workloads", "openkilled", "--engines", "stave",
                                "--no-latency", "--json", "-")[1]["extra"]
        # 100 puts and 11 more, of 100 keys, in one file without a hint.
        self.assertEqual(extra["keys_in_unsealed_files"], 100)
        self.assertEqual(extra["keys_in_hints"], 0)

    def test_every_peer_that_is_built(self):
        listed = self.run_bench("--list").stdout
        peers = re.findall(r"(?m)^  (\S+)  \(peer", listed)
        if not peers:
            self.skipTest("no peer's package is installed")
        lines = self.json_lines(*TINY, "--workloads", "all", "--json", "-", "--engines",
                                ",".join(peers))
        self.assertEqual({line["engine"] for line in lines[1:]}, set(peers))
        self.assertFalse([line for line in lines if "error" in line])

    def test_compare_writes_a_report_that_needs_nothing_else(self):
        page = self.tmp / "report.html"
        done = self.run_bench("compare", *TINY, "--workloads", "core,openclean", "--engines",
                              "stave,limit-mapping,limit-honest,selftest-none", "--html", str(page))
        for title in ("Thousand operations per second", "Speed of stave", "Latency", "Space"):
            self.assertIn(title, done.stdout)
        text = page.read_text()
        for title in ("Throughput", "Ratios", "Targets", "Latency", "Closing and opening",
                      "Space and memory", "Engines"):
            self.assertIn(f"<h2>{title}</h2>", text)
        self.assertIn("<td class='even'>1.00x</td>", text)  # stave against itself
        self.assertEqual(text.count("<svg"), text.count("</svg>"))
        self.assertNotRegex(text, r"(?:src|href)=|https?://|@import|url\(")

    def test_the_report_has_the_tables_of_the_text(self):
        page = self.tmp / "report.html"
        done = self.run_bench("compare", *TINY, "--workloads",
                              "overwrite,readwhilewriting,putwhilemerging,coldread", "--engines",
                              "stave,limit-mapping", "--html", str(page))
        text = page.read_text()
        for title in ("One reader beside one writer", "Puts and gets beside a merge",
                      "Gets with an empty page cache", "stave against its target, 0.8 x",
                      "stave against its other targets"):
            self.assertIn(title, done.stdout)
            self.assertIn(f"<h3>{title}", text)
        for note in ("putwhilemerging: limit-mapping: nothing to merge",
                     "coldread: limit-mapping: cannot be opened again"):
            self.assertIn(f"  {note}\n", done.stdout)
            self.assertIn(note, text)
        self.assertRegex(text, "<td class='(good'>met|bad'>missed)</td>")

    def test_targets_are_those_of_each_workload(self):
        def other_targets(text):
            return text.partition("stave against its other targets")[2]
        text = self.run_bench("compare", *TINY, "--workloads", "overwrite,openclean,ycsba",
                              "--engines", "stave,selftest-none").stdout
        self.assertNotIn("best peer", text)  # neither a peer nor the limit ran
        self.assertRegex(other_targets(text), r"\nopenclean: .* 100 records .*at most 5\.00 ms")
        self.assertRegex(other_targets(text), r"\noverwrite: p99\.9 of puts .*at most 10\.0 us")
        text = self.run_bench("compare", *TINY, "--workloads", "all", "--engines",
                              "stave,limit-mapping").stdout
        rated = text.partition("(no peer in this run)\n")[2].partition("\n\n")[0]
        self.assertEqual([line.split()[0] for line in rated.splitlines()[1:]],
                         ["fillrandom", "overwrite", "readrandom", "readmissing", "mix",
                          "deleterandom"])
        self.assertNotIn("peer", rated)

    def test_an_engine_that_takes_fewer_records_is_marked(self):
        text = self.run_bench("compare", "--num-ops", "10001", "--repeat", "1", "--workloads",
                              "readmissing", "--no-latency", "--engines",
                              "limit-honest,file-per-key").stdout
        self.assertRegex(text, r"(?m)limit-honest +file-per-key\*$")
        self.assertIn("* file-per-key ran with 10000 records, not 10001", text)

    def test_one_engine_at_a_time_and_no_latency_round(self):
        lines = self.json_lines(*TINY, "--workloads", "core", "--engines", "stave,limit-honest",
                                "--one-at-a-time", "--no-latency", "--json", "-")
        engines = [line["engine"] for line in lines[1:]]
        self.assertEqual(engines, sorted(engines, reverse=True))
        self.assertEqual({line["pass"] for line in lines[1:]}, {"throughput"})

    def test_no_latency_round_no_latency_table(self):
        for command, word in ((["compare"], "Latency"), ([], "p99")):
            flags = [*TINY, "--workloads", "fillseq", "--engines", "stave"]
            self.assertIn(word, self.run_bench(*command, *flags).stdout)
            text = self.run_bench(*command, *flags, "--no-latency").stdout
            self.assertIn("fillseq", text)
            self.assertNotIn(word, text)
            self.assertNotRegex(text, r"(?m)^[^\n]* -  -")

    @unittest.skipUnless(STAVE, "the command is not built")
    def test_stave_bench(self):
        text = self.run_bench(*TINY, "--engines", "stave,limit-honest",
                              command=(STAVE, "bench")).stdout
        self.assertIn("fillrandom", text)
        self.assertIn("limit-honest", text)
        lines = self.json_lines(*TINY, "--engines", "stave", "--json", "-",
                                command=(STAVE, "bench"))
        self.assertEqual(lines[0]["type"], "environment")
        self.assertEqual({line["engine"] for line in lines[1:]}, {"stave"})
        file = self.tmp / "lines"
        text = self.run_bench(*TINY, "--engines", "stave", "--json", str(file),
                              command=(STAVE, "bench")).stdout
        self.assertIn("fillrandom", text)
        self.assertEqual(len(file.read_text().splitlines()), len(lines))


class Interrupted(BenchTest):
    """What was measured before a signal is reported, and nothing is left behind."""

    def interrupt(self, number, *args, command=(STAVE_BENCH,)):
        """Starts a run that would take hours; sends the signal when there is a result."""
        lines, page = self.tmp / "lines", self.tmp / "report.html"
        lines.unlink(missing_ok=True)
        run = subprocess.Popen(
            [*command, *args, "--num-ops", "3000", "--repeat", "100", "--workloads",
             "fillrandom,readrandom", "--engines", "stave,limit-honest", "--data-dir",
             str(self.data), "--json", str(lines), "--html", str(page)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while run.poll() is None and not (lines.exists() and lines.read_text().count("\n") > 5):
            time.sleep(0.01)
        run.send_signal(number)
        out, err = run.communicate(timeout=300)
        self.assertEqual(run.returncode, 128 + number, out + err)
        self.assertIn("bench: interrupted\n", err)
        self.assertEqual(list(self.data.iterdir()), [])
        self.assertIn(f"Interrupted by {number.name}: ", page.read_text())
        return out, [json.loads(line) for line in lines.read_text().splitlines()]

    def check(self, number, *args, **more):
        out, lines = self.interrupt(number, *args, **more)
        self.assertEqual(lines[0]["type"], "environment")
        self.assertEqual(lines[-1], {"type": "interrupted", "signal": number.name,
                                     "results": len(lines) - 2, "results_wanted": 101 * 4})
        self.assertEqual({line["type"] for line in lines[1:-1]}, {"result"})
        self.assertIn(f"Interrupted by {number.name}: {len(lines) - 2} of 404 ", out)
        self.assertRegex(out, r"(?m)^fillrandom +\d")

    def test_each_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.check(number)
            self.check(number, "compare")

    @unittest.skipUnless(STAVE, "the command is not built")
    def test_stave_bench_ends_alike(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.check(number, command=(STAVE, "bench"))

    def test_a_long_workload_is_not_waited_for(self):
        run = subprocess.Popen(
            [STAVE_BENCH, *TINY, "--workloads", "core", "--engines", "selftest-hangs",
             "--data-dir", str(self.data)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while run.poll() is None and not list(self.data.glob("*/selftest-hangs/main")):
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=300)
        self.assertEqual(run.returncode, 130, out + err)
        self.assertIn("Interrupted by SIGINT: 0 of 14 measurements", out)
        self.assertEqual(list(self.data.iterdir()), [])


class Lies(BenchTest):
    """An engine that answers wrongly must not get a figure."""

    def lie(self, name, workloads="core"):
        return self.run_bench(*TINY, "--workloads", workloads, "--engines", f"selftest-{name}",
                              expect=1).stderr

    def test_an_honest_one_passes(self):
        self.run_bench(*TINY, "--engines", "selftest-none")

    def test_garbled_values(self):
        self.assertIn("wrong answer: record 0 has", self.lie("garbles"))
        self.assertIn("wrong answer: record 0 has", self.lie("tail"))

    def test_short_values(self):
        self.assertIn("99 bytes instead of 100", self.lie("cuts"))

    def test_lost_records(self):
        self.assertIn("is not found, but was put", self.lie("loses"))

    def test_stale_values(self):
        self.assertIn("selftest-stale, overwrite: wrong answer", self.lie("stale"))
        self.assertIn("version 0 instead of 1", self.lie("stale"))

    def test_invented_records(self):
        self.assertIn("is found, but is not there", self.lie("invents", "readmissing"))

    def test_deletes_that_delete_nothing(self):
        self.assertIn("deleterandom: wrong answer", self.lie("keeps"))

    def test_merges_that_lose_or_revert_records(self):
        for workload in ("readwhilemerging", "putwhilemerging"):
            self.assertIn(f"{workload}: wrong answer", self.lie("drops", workload))
        self.assertRegex(self.lie("reverts", "putwhilemerging"),
                         r"putwhilemerging: wrong answer: record \d+ has .*version 0 instead")

    def test_walks_that_are_not_whole(self):
        for name, workload, wrong in (
                ("skips", "readseq", r"a walk ends after 99 of 100 records"),
                ("skips", "shortrange", r"a walk from record \d+ does not begin there"),
                ("skips", "ycsbe", r"a walk from record \d+ does not begin there"),
                ("repeats", "readreverse", r"a walk meets record \d+ out of order"),
                ("repeats", "scanafterput", r"a walk meets record \d+ out of order"),
                ("ends", "readkeys", r"a walk ends after 7 of 100 records"),
                ("ends", "scanafterput", r"a walk ends early")):
            self.assertRegex(self.lie(name, workload), f"{workload}: wrong answer: {wrong}")
        self.assertIn("a walk ends after 90 of 100 records", self.lie("loses", "readseq"))

    def test_garbled_values_of_walks(self):
        self.assertRegex(self.lie("tail", "readseq"), r"readseq: wrong answer: record \d+ has")

    def test_stores_that_forget_when_they_close(self):
        for workload in ("putafteropen", "coldread", "openclean"):
            self.assertIn(f"{workload}: wrong answer", self.lie("forgets", workload))

    def test_a_failure_leaves_the_other_engines_their_figures(self):
        done = self.run_bench(*TINY, "--engines", "selftest-fails,limit-honest", expect=1)
        self.assertIn("failed: selftest-fails, fillrandom: the engine fails", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^deleterandom +100 +\d")

    def test_a_death_by_a_full_disk_is_explained(self):
        done = self.run_bench(*TINY, "--engines", "selftest-dies", expect=1)
        self.assertRegex(done.stdout, r"its process died: Bus error\. .* when the disk is full; .* free")


if __name__ == "__main__":
    unittest.main()
