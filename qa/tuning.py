"""Every number on the way to an answer that was chosen by hand.

Why these values: docs/decisions; what was measured: docs/measurements.md. Fitted numbers are not
here: `qa/answering/scorer.json` holds them, written by ``make fit``.
"""

# Retrieval. Weights: the best mean of hit@5 over seven sets (docs/decisions/0002).
DENSE_WEIGHT = 0.4  # of the fused score; the rest is lexical
TITLE_WEIGHT = 0.5  # a word in the title counts half of one in the text; a power of two is exact
SEARCH_DEPTH = 100  # candidates that each search brings to the fusion
ADJUSTED = 40  # of the fused ranking are weighed by date and source
RERANKED = 30  # of that ranking, where a reranker is set

# Evidence (docs/decisions/0004).
EVIDENCE_HITS = 12  # passages that are read, and whose sentences may become evidence
EVIDENCE_SENTENCES = 16  # that the model sees
EVIDENCE_NEIGHBOUR = 0.4  # a question word in the sentence before or after, against one in it
EVIDENCE_TITLE = 0.3  # a question word in the title, against one in the sentence
EVIDENCE_FIGURE = 0.25  # a figure of the kind asked for; half of it for a related kind
EVIDENCE_PASSAGE = 0.5  # the passage's score, as a share of the best one's
# Sentences that are read again with their neighbours and alone, by form; decision 0013.
CLOSE_UPS = {"short": 6, "list": 6, "sentences": 8, "yes_no": 8, "brief": 6}
EVIDENCE_READER = 1.0  # the reader's probability that the sentence holds an answer

# Spans.
MARKED_SPANS = 6  # that the reader marks in each sentence
MARKED_MATCH = 0.5  # their fit to the kind asked for, where no figure or name says better
SHARED_LENGTH = 16  # words of a question for which what other reports share counts once
MOST_ODDS = 15.0  # log-odds of the reader beyond this say no more
CORRECTION_ANSWERS = 0.45  # confidence from which a correction answers instead of its report
SPOKEN_OF = 0.75  # share of a yes/no question's words that the deciding sentence must contain

# Whole sentences, items and briefs.
MORE_SENTENCES = 0.5  # of the surest sentence's confidence that another one needs
MOST_SENTENCES = 3
SAME_WORDS = 0.7  # of the shorter sentence's words, from which two sentences say the same
MOST_ITEMS = 12
ONE_ITEM = 0.5  # of a span's confidence, where several items are asked for
EACH_MORE_ITEM = 0.4  # of the score, for each item beyond two (docs/decisions/0021) …
LONG_LIST = 4  # … up to so many
VAGUE_AS_SURE = 0.7  # of the surest answer's confidence, from which another event may be meant
VAGUE_FEWEST = 2  # events that make a question vague
VAGUE_MOST = 5  # of them are named
VAGUE_LEAD = 400  # characters of a report that say what it is about …
VAGUE_NAMES = 1500  # … and whom and where

# Briefs.
MOST_BRIEF = 10  # sentences
BRIEF_HITS = 36  # passages among which the reports are searched
BRIEF_REPORTS = 5
BRIEF_DEPTH = 600.0  # characters into a report, at which a sentence counts half of the first
BRIEF_LEAD = 1.0  # the first sentence of a report
BRIEF_FACTS = 0.4  # a sentence full of names and numbers …
BRIEF_MANY_FACTS = 5  # … which is so many
BRIEF_SPREAD = 0.85  # of its score a sentence keeps for each that its report has given
BRIEF_ASIDE = 0.6  # of its score counts for a remark …
BRIEF_SHORTEST = 6  # … such as one of fewer words
BRIEF_SPOKEN_OF = 0.75  # of the words that the best report has of the question
BRIEF_NAMED = 0.6  # of the question's names that a report must have
BRIEF_SUREST = 0.9  # that a report with all of the question's words is about the matter
BRIEF_LEAST = 0.4  # of the best sentence's score, below which one is left out
SURE_DESPITE_UNKNOWN = 0.6  # an answer as sure as this outweighs "not known"
# Log-odds of yes against no, below which neither is said: three to one.
LEAST_LEAN = 1.1
PREMISE_SPOKEN_OF = 0.85  # of the question's other words that a report must have to contradict one
PREMISE_SENTENCES = 6  # of the best, that may contradict a figure of the question …
PREMISE_OWN = 0.3  # … with so many of its words, …
PREMISE_PASSAGE = 0.75  # … and so many in the passage and the title
UNKNOWN_VERDICT = 0.55  # confidence that a question of yes or no is left open
UNKNOWN_SPOKEN_OF = 0.4  # of the question's words that the sentence must contain, or …
UNKNOWN_AROUND = 0.7  # … its passage and title, if it names what is asked ("whether", "the cause")
UNKNOWN_PLAINLY = 0.5  # of the words, from which a sentence that names it outweighs …
SURE_DESPITE_PLAINLY_UNKNOWN = 0.8  # … any answer that is less sure

# Interfaces.
DOUBTFUL = 0.50  # an answer below it is shown as "not sure"

# Competing answers (docs/decisions/0006).
SAME_EVENT_NAMES = 2  # that two reports of one event share, where the question has none
REPORTED_WITHIN = 3  # days after an event the first reports come
MOST_COMPETING = 6  # that the timeline or the disagreements list beside the answer

# Standing questions are asked again for a new passage from either on (how-to/standing-questions).
WATCH_COSINE = 0.35  # of its vector and the question's
WATCH_STEMS = 0.5  # share of the question's content words that it contains

# Verification.
LEAST_SUPPORT = 0.5  # share of a statement's content words that its sources must contain

# Copies of a report (docs/decisions/0018).
LEAD_WORDS = 40  # of a text, in which a report says what is new
SHARED_RUNS = 0.3  # of the shorter one's runs of three words
LEAST_SHARED_RUNS = 20  # fewer may be a pattern: "The ferry to Hesk sailed on time"
SHARED_BY_SOURCE = 0.8  # the same, of two reports of one source
SHARED_LEAD = 0.55  # of the words of each lead, that the other opens with
SHARED_NUMBERS = 0.5  # of the numbers in title and lead, where the other's are all shared
SHARED_TITLE = 0.3  # of the words of a title, that the other has
REPEATED_RUNS = 0.15  # of a passage, from which a copy of its article repeats it
SHARED_SAMPLE = 2  # stored runs that two reports must share to be compared
COPY_DAYS = 7  # between the publication of two copies
