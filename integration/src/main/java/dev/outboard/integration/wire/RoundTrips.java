package dev.outboard.integration.wire;

import dev.outboard.engine.Observation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * The histogram in an {@link ObservationView}: HdrHistogram's compressed V2 encoding in base64,
 * nanoseconds. What an older view of the same observation holds can be subtracted from a newer one.
 */
public final class RoundTrips {
  private static final long LONGEST = 1L << 36;
  private static final int DIGITS = 3;

  private RoundTrips() {}

  /** An empty one that takes all that an observation may hold. */
  public static Histogram empty() {
    return new Histogram(LONGEST, DIGITS);
  }

  static Histogram of(Observation observation) {
    Histogram histogram = empty();
    for (Observation.Bucket bucket : observation.roundTrips()) {
      histogram.recordValueWithCount(bucket.nanos(), bucket.count());
    }
    return histogram;
  }

  /** Writes one as a view has it. */
  public static String encode(Histogram histogram) {
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(bytes);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
  }

  /** Reads a view's histogram. */
  public static Histogram decode(String text) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
      return Histogram.decodeFromCompressedByteBuffer(bytes, LONGEST);
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("not a compressed histogram", e);
    }
  }
}
