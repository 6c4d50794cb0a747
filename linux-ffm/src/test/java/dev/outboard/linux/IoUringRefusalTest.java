package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads on a host without io_uring. */
class IoUringRefusalTest {
  @Test
  void thisHostHasIt() {
    assertEquals(Optional.empty(), IoUringRefusal.probe());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, switched off on this host, sysctl",
    "1, 1, privileged processes only, CAP_SYS_ADMIN",
    "1, 0, security policy, seccomp",
    "1, '', security policy, seccomp",
    "38, '', no io_uring, CONFIG_IO_URING",
    "22, '', too old, 6.1",
    "12, '', memory, ulimit -l",
    "24, '', open files, ulimit -n",
    "5, '', EIO, log"
  })
  void eachReasonHasARemedy(int errno, String disabled, String reason, String remedy) {
    IoUringRefusal refusal = IoUringRefusal.of(errno, disabled);
    assertTrue(refusal.reason().contains(reason), refusal.toString());
    assertTrue(refusal.remedy().contains(remedy), refusal.toString());
  }
}
