package dev.outboard.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
  @TempDir private Path folder;

  @Test
  void holdsFramesOfTheSizeWithAChecksum() throws Exception {
    Path file = folder.resolve("frames.pcap");
    Capture.write(file, 3, 100);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    assertEquals(24 + 3 * (16 + 100), bytes.limit());
    assertEquals(0xa1b2c3d4, bytes.getInt(0));
    for (int i = 0; i < 3; i++) {
      int at = 24 + i * (16 + 100);
      assertEquals(100, bytes.getInt(at + 8));
      assertEquals(100, bytes.getInt(at + 12));
      assertNotEquals(0, bytes.getShort(at + 16 + 40));
    }
  }
}
