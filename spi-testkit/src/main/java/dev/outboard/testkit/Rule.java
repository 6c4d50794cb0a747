package dev.outboard.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A sentence of the SPI's contract, on the test that finds out whether an implementation keeps it.
 * It makes the method a test, and has a failure told in one line.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(RuleReport.class)
public @interface Rule {
  /** The rule's name, unique in the kit: a topic and a number, such as {@code transmit-3}. */
  String id();

  /** What the contract says, in one sentence. */
  String says();
}
