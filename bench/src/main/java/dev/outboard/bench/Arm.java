package dev.outboard.bench;

import java.io.IOException;
import java.util.List;

/**
 * One way to take a guest in, with a fixed number of others attached already. Made, sampled and
 * closed by the thread of the benchmark.
 */
interface Arm extends AutoCloseable {
  /** What is measured, in the order of {@link #sample}'s answer. */
  List<String> steps();

  /** Takes one more guest in and out again; nanoseconds for each step. */
  long[] sample() throws Exception;

  @Override
  void close() throws IOException;
}
