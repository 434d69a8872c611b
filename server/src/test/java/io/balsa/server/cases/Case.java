package io.balsa.server.cases;

/**
 * A scenario that Balsa must survive.
 *
 * @param number from 1; tests name it as {@code @Tag("case-N")}
 * @param title a few words
 */
record Case(int number, String title) {}
