package dev.outboard.integration.figures;

import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CpuTime;
import java.util.List;

/** Where the two hosts are. Used by {@link Figures}, by one thread. */
interface Hosts extends AutoCloseable {
  /** How many microVMs each of them has room for. */
  Reach reach(FiguresSettings settings) throws UserException;

  /** The two hosts of an arm, joined by a wire. */
  List<Side> open(FigureArm arm) throws UserException;

  /** What the processors of each machine have done so far. */
  List<CpuTime> work() throws UserException;

  /** Nanoseconds of a cache line between two processors, there and back; the slowest machine's. */
  double coreNanos() throws UserException, InterruptedException;

  /** Where they are, in a reader's words. */
  String words();

  /** What each has, in a reader's words. */
  String processors();

  /** Ends all that {@link Side#close} does not. */
  @Override
  void close();
}
