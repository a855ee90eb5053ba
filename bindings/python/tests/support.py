"""What the suites share: a folder of their own, and proof that no handle is left."""

import gc
import tempfile
import threading
import unittest
from pathlib import Path

import stave


class StoreCase(unittest.TestCase):
    """A test in an empty folder. At its end all handles that it made must be gone."""

    def setUp(self):
        gc.collect()
        self.handles = stave.live_handles()
        folder = tempfile.TemporaryDirectory(prefix="stave-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "store"

    def tearDown(self):
        gc.collect()
        self.assertEqual(stave.live_handles(), self.handles, "handles are left")

    def open(self, **options):
        """A store that is closed before tearDown looks: to be used by `with`."""
        return stave.open(self.path, **options)

    def assert_error(self, kind, code, words, call, *arguments, **named):
        with self.assertRaises(kind) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.code, code)
        self.assertIn(words, str(caught.exception))
        caught.exception.__traceback__ = None  # or its frames would hold handles
        return caught.exception


def in_threads(count, work):
    """work(number) in so many threads, begun together; the first exception is raised here."""
    barrier = threading.Barrier(count)
    errors = []

    def run(number):
        try:
            barrier.wait()
            work(number)
        except BaseException as error:  # to be raised in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
