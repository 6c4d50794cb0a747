package dev.outboard.bench;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The active guests of a crowd, each with another one that it sends to. One thread drives them all.
 *
 * <p>Theory of operation. The driver of thousands of guests is slower than the worker that serves
 * them, so a stream would measure the driver. Instead frames are made ready in batches, so many for
 * each guest, which the worker does not see; then all are shown at once, and the time until the
 * last has arrived is the worker's. Of that the time of a single frame is taken away, most of which
 * is the notice's way there and back. The worker polls its active guests all the while.
 */
final class CrowdLoad {
  static final int FRAME = 64;

  private static final int SINGLES = 200;
  private static final int LEAST_BATCHES = 5;
  private static final int PAUSE = 16;
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final List<Flow> flows = new ArrayList<>();

  /**
   * One turn.
   *
   * @param batches that the median is of
   * @param nanosPerFrame of the worker
   * @param singleNanos a single frame from being shown to its arrival
   * @param kicksPerFrame should be none: who is polled needs no kick
   */
  record Result(int batches, double nanosPerFrame, double singleNanos, double kicksPerFrame) {
    private static final int FIELDS = 4;

    /** As one line, for the process that asked. */
    String line() {
      return "%d %s %s %s".formatted(batches, nanosPerFrame, singleNanos, kicksPerFrame);
    }

    static Result of(String line) throws IOException {
      String[] words = line.split(" ", -1);
      if (words.length != FIELDS) {
        throw new IOException("the guests answered: " + line);
      }
      return new Result(
          Integer.parseInt(words[0]),
          Double.parseDouble(words[1]),
          Double.parseDouble(words[2]),
          Double.parseDouble(words[3]));
    }
  }

  private static final class Flow {
    private final VhostUserGuest from;
    private final VhostUserGuest to;
    private final FrameTemplate template;
    private final FrameCheck check;
    private final RawRing arrived;
    private long sent;
    private int arriving;

    Flow(SidecarGuests guests, int from, int to) {
      this.from = guests.guest(from);
      this.to = guests.guest(to);
      template = FrameTemplate.raw(Guests.endpoint(from), Guests.endpoint(to), FRAME);
      check = new FrameCheck(template);
      arrived = RawRing.of(this.to.driver().ring(VirtioNetDriver.RX));
    }

    private int used() {
      return arrived.usedIndex();
    }

    void makeReady(int frames) throws IOException {
      if (from.offer(template, sent, frames) != frames) {
        throw new IOException("a guest has no room for " + frames + " frames");
      }
      sent += frames;
      arriving = (used() + frames) & 0xffff;
    }

    boolean hasArrived() {
      return used() == arriving;
    }

    void takeIn(int frames) throws IOException {
      int _ = to.receive(check, frames);
      if (check.frames() != sent || check.position() != sent) {
        throw new IOException("frames came changed, or in another order");
      }
    }
  }

  /**
   * Chooses who is active, and who sends to whom: one large circle in an order that is drawn, so
   * that nothing that lies one behind the other is used so.
   */
  CrowdLoad(SidecarGuests guests, int all, int active) {
    List<Integer> circle = new ArrayList<>();
    for (int i = 0; i < active; i++) {
      circle.add((int) ((long) i * all / active));
    }
    Collections.shuffle(circle, new Random(1));
    for (int i = 0; i < active; i++) {
      flows.add(new Flow(guests, circle.get(i), circle.get((i + 1) % active)));
    }
  }

  /**
   * Runs batches for some time.
   *
   * @param frames of each guest in a batch
   */
  Result run(int frames, double seconds) throws IOException {
    List<Flow> one = flows.subList(0, 1);
    double[] singles = new double[SINGLES];
    for (int i = 0; i < SINGLES; i++) {
      singles[i] = batch(one, 1);
    }
    long kicks = kicks();
    double[] batches = new double[LEAST_BATCHES];
    int count = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (count < LEAST_BATCHES || System.nanoTime() < end) {
      if (count == batches.length) {
        batches = Arrays.copyOf(batches, 2 * count);
      }
      batches[count++] = batch(flows, frames);
    }
    double total = (double) frames * flows.size();
    double single = median(singles, SINGLES);
    double nanos = Math.max(0, median(batches, count) - single) / (total - 1);
    return new Result(count, nanos, single, (kicks() - kicks) / (total * count));
  }

  private static double median(double[] values, int count) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[count / 2];
  }

  private long kicks() {
    return flows.stream().mapToLong(flow -> flow.from.kickCount()).sum();
  }

  /** Returns nanoseconds from the first frame's being shown to the last one's arrival. */
  private static long batch(List<Flow> flows, int frames) throws IOException {
    for (Flow flow : flows) {
      flow.makeReady(frames);
    }
    long start = System.nanoTime();
    for (Flow flow : flows) {
      flow.from.publish();
    }
    int looks = 0;
    for (Flow flow : flows) {
      while (!flow.hasArrived()) {
        // Each look takes the line from the worker, so they are few.
        for (int i = 0; i < PAUSE; i++) {
          Thread.onSpinWait();
        }
        if ((++looks & 0xfff) == 0 && System.nanoTime() - start > PATIENCE_NANOS) {
          throw new IOException("a frame did not arrive");
        }
      }
    }
    long took = System.nanoTime() - start;
    for (Flow flow : flows) {
      flow.takeIn(frames);
    }
    return took;
  }
}
