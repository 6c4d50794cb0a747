package dev.outboard.engine.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Which acknowledgment gives which round trip, segment by segment. Times are those of sending. */
class FlowsTest {
  private static final long NONE = Flows.NONE;
  private static final long A = 0x1234_5678_0000_0001L;
  private static final int ISN = 1000;

  private final Flows flows = new Flows();

  private int data(int sequence, int length, long time) {
    return flows.sent(A, sequence, length, false, time);
  }

  private void open(int sequence, long time) {
    assertEquals(0, flows.sent(A, sequence, 1, true, time));
  }

  private long acknowledge(int acknowledgment) {
    return flows.acknowledged(A, acknowledgment);
  }

  /** Opens the connection; its first byte is ISN + 1. */
  private void opened() {
    open(ISN, 1);
    assertEquals(1, acknowledge(ISN + 1));
  }

  @Test
  void theAnswerToASynIsARoundTrip() {
    open(ISN, 5);
    assertEquals(5, acknowledge(ISN + 1));
    assertEquals(NONE, acknowledge(ISN + 1));
  }

  @Test
  void anAcknowledgmentOfLessThanTheWholeSegmentIsNone() {
    opened();
    data(ISN + 1, 1000, 10);
    assertEquals(NONE, acknowledge(ISN + 1));
    assertEquals(NONE, acknowledge(ISN + 1000));
    assertEquals(10, acknowledge(ISN + 1001));
  }

  @Test
  void oneSegmentIsTimedAtATime() {
    opened();
    data(ISN + 1, 100, 10);
    data(ISN + 101, 100, 20);
    assertEquals(10, acknowledge(ISN + 101));
    assertEquals(NONE, acknowledge(ISN + 201), "its probe was not free when it was sent");
    data(ISN + 201, 100, 30);
    assertEquals(30, acknowledge(ISN + 301));
  }

  @Test
  void aDelayedAcknowledgmentOfSeveralSegmentsTellsOfTheFirst() {
    opened();
    data(ISN + 1, 100, 10);
    data(ISN + 101, 100, 20);
    assertEquals(10, acknowledge(ISN + 201));
  }

  @Test
  void whatWasSentTwiceIsNotTimedButCounted() {
    opened();
    data(ISN + 1, 100, 10);
    assertEquals(100, data(ISN + 1, 100, 20));
    assertEquals(NONE, acknowledge(ISN + 101));
  }

  @Test
  void nothingIsTimedUntilALossIsMadeGood() {
    opened();
    data(ISN + 1, 100, 10);
    data(ISN + 101, 100, 11);
    assertEquals(100, data(ISN + 1, 100, 20));
    data(ISN + 201, 100, 30);
    assertEquals(NONE, acknowledge(ISN + 101), "of what was sent before the loss, 100 are left");
    data(ISN + 301, 100, 40);
    assertEquals(NONE, acknowledge(ISN + 401), "all that was sent before is acknowledged now");
    data(ISN + 401, 100, 50);
    assertEquals(50, acknowledge(ISN + 501));
  }

  @Test
  void ofASegmentThatIsPartlyNewTheOldPartCounts() {
    opened();
    data(ISN + 1, 100, 10);
    assertEquals(60, data(ISN + 41, 100, 20));
    assertEquals(40, data(ISN + 101, 100, 30));
  }

  @Test
  void segmentsOutOfOrderCountAsSentBefore() {
    opened();
    assertEquals(0, data(ISN + 101, 100, 10));
    assertEquals(100, data(ISN + 1, 100, 20));
    assertEquals(NONE, acknowledge(ISN + 201));
  }

  @Test
  void anAcknowledgmentThatWasOvertakenIsNone() {
    opened();
    data(ISN + 1, 100, 10);
    assertEquals(10, acknowledge(ISN + 101));
    data(ISN + 101, 100, 20);
    assertEquals(NONE, acknowledge(ISN + 51));
    assertEquals(20, acknowledge(ISN + 201));
  }

  @Test
  void sequenceNumbersWrapAround() {
    open(-101, 5);
    assertEquals(5, acknowledge(-100));
    data(-100, 200, 10);
    assertEquals(NONE, acknowledge(-1));
    assertEquals(10, acknowledge(100));
    assertEquals(150, data(-50, 150, 20));
    assertEquals(0, data(100, 100, 30));
  }

  /** The first segment that is seen may be one that was sent again. */
  @Test
  void aConnectionThatIsOldIsTimedFromItsSecondRoundTripOn() {
    assertEquals(0, data(5000, 100, 10));
    data(5100, 100, 20);
    assertEquals(NONE, acknowledge(5200));
    data(5200, 100, 30);
    assertEquals(30, acknowledge(5300));
  }

  @Test
  void aSynThatIsSentAgainIsNotTimed() {
    open(ISN, 5);
    assertEquals(1, flows.sent(A, ISN, 1, true, 15));
    assertEquals(NONE, acknowledge(ISN + 1));
  }

  @Test
  void theSameAddressesMayConnectAgain() {
    opened();
    data(ISN + 1, 100, 10);
    open(900_000, 20);
    assertEquals(NONE, acknowledge(ISN + 101));
    assertEquals(20, acknowledge(900_001));
  }

  /** Another worker may deliver the answer before this one has told of the segment. */
  @Test
  void anAcknowledgmentThatIsToldBeforeItsSegmentGivesTheProbeUp() {
    opened();
    assertEquals(NONE, acknowledge(ISN + 101));
    data(ISN + 1, 100, 10);
    assertEquals(NONE, acknowledge(ISN + 101));
    data(ISN + 101, 100, 20);
    assertEquals(20, acknowledge(ISN + 201));
  }

  @Test
  void connectionsDoNotDisturbEachOther() {
    int some = 300;
    Random random = new Random(1);
    long[] connections = random.longs(some).toArray();
    for (int i = 0; i < some; i++) {
      flows.sent(connections[i], i, 1, true, i);
    }
    long timed =
        IntStream.range(0, some)
            .filter(i -> flows.acknowledged(connections[i], i + 1) == i)
            .count();
    assertTrue(timed > some * 0.9, timed + " of " + some);
    assertEquals(NONE, flows.acknowledged(random.nextLong(), 1));
  }

  @Test
  void whereThereIsNoRoomTheOneThatWasSilentLongestGoes() {
    // The lower bits are the same, so all of them want the same four places.
    for (int i = 1; i <= 4; i++) {
      flows.sent((long) i << 32, ISN, 1, true, i);
    }
    flows.sent(1L << 32, ISN + 1, 100, false, 5);
    flows.sent(5L << 32, ISN, 1, true, 6);
    assertEquals(NONE, flows.acknowledged(2L << 32, ISN + 1));
    assertEquals(1, flows.acknowledged(1L << 32, ISN + 1));
    assertEquals(3, flows.acknowledged(3L << 32, ISN + 1));
    assertEquals(6, flows.acknowledged(5L << 32, ISN + 1));
  }

  /** Lies are believed, but nothing goes out of bounds and nothing is older than it was sent. */
  @Property(tries = 200)
  void whateverIsSaidNothingBreaks(@ForAll long seed) {
    Random random = new Random(seed);
    Flows table = new Flows();
    for (int n = 0; n < 2_000; n++) {
      long connection = random.nextLong() & (random.nextBoolean() ? 3 : -1);
      int sequence = random.nextBoolean() ? random.nextInt() : random.nextInt(100);
      if (random.nextBoolean()) {
        int length = 1 + random.nextInt(65_536);
        int before = table.sent(connection, sequence, length, random.nextInt(9) == 0, n);
        assertTrue(before >= 0 && before <= length, before + " of " + length);
      } else {
        long time = table.acknowledged(connection, sequence);
        assertTrue(time == NONE || (time >= 0 && time <= n));
      }
    }
  }

  /**
   * The guest's worker sends, two others deliver what is acknowledged, now and then before it is
   * told. The time of a segment is its end here, so what comes out must have been acknowledged, and
   * each once.
   */
  @Test
  void workersThatTellAtTheSameTimeClaimEachProbeOnceAndNeverTooEarly() throws Exception {
    int segments = 50_000;
    int window = 8;
    AtomicInteger delivered = new AtomicInteger();
    ConcurrentLinkedQueue<Integer> wire = new ConcurrentLinkedQueue<>();
    Set<Long> claimed = ConcurrentHashMap.newKeySet();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    Runnable receiver =
        () -> {
          for (int end = 0; end < segments; ) {
            Integer next = wire.poll();
            if (next == null) {
              LockSupport.parkNanos(10_000);
              continue;
            }
            end = next;
            delivered.accumulateAndGet(end, Math::max);
            long time = flows.acknowledged(A, end);
            if (time != NONE && (time > end || !claimed.add(time))) {
              wrong.add(time + " by " + end);
            }
          }
        };
    flows.sent(A, 0, 1, true, 0);
    Thread one = Thread.ofPlatform().start(receiver);
    Thread two = Thread.ofPlatform().start(receiver);
    for (int end = 2; end <= segments; end++) {
      while (end - delivered.get() > window) {
        LockSupport.parkNanos(10_000);
      }
      if (end % 7 == 0) {
        wire.add(end);
      }
      flows.sent(A, end - 1, 1, false, end);
      if (end % 7 != 0) {
        wire.add(end);
      }
    }
    // An end for each of them.
    wire.add(segments);
    wire.add(segments);
    one.join();
    two.join();
    assertEquals(Set.of(), Set.copyOf(wrong));
    assertTrue(claimed.size() > 1_000, claimed.size() + " round trips");
  }
}
