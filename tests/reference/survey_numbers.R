# Reference numbers from R's package survey for tests/reference/test_against_r.py.
#
#   Rscript tests/reference/survey_numbers.R        (Debian: r-base-core r-cran-survey r-cran-jsonlite)
#
# Reads data/cases.json (which data, which design, which domains), writes data/numbers.json and
# R's own example data as data/api*.csv. Questions: svymean, degf, svyciprop on the design subset
# to the domain and to those who answered. Indices: svytotal of all (score, answered) columns and
# svycontrast of the ratios, so the linearisation is R's, not ours.
suppressMessages({library(survey); library(jsonlite)})
folder <- file.path("tests", "reference", "data")

data(api)
answers01 <- function(x) as.integer(x == "Yes")
for (name in c("apistrat", "apiclus1", "apiclus2")) {
  d <- get(name)
  keep <- intersect(c("stype", "dnum", "snum", "pw", "fpc", "fpc1", "fpc2"), names(d))
  out <- d[, keep]
  out$api00 <- d$api00
  for (q in c("sch.wide", "comp.imp", "awards")) out[[q]] <- answers01(d[[q]])
  write.csv(out, file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}

make_design <- function(plan, d, corrected = TRUE) {
  pop <- if (corrected && !isTRUE(plan$replacement)) plan$population else NULL
  d$.row <- seq_len(nrow(d))
  ids <- if (is.null(plan$clusters)) ~1 else if (is.null(pop$members) || is.null(pop$clusters))
    reformulate(plan$clusters) else reformulate(c(plan$clusters, ".row"))
  fpc <- NULL
  if (is.null(plan$clusters)) {
    if (!is.null(pop$members)) fpc <- reformulate(pop$members)
  } else if (!is.null(pop$clusters)) {
    fpc <- reformulate(c(pop$clusters, pop$members))
  }
  strata <- if (is.null(plan$strata)) NULL else reformulate(plan$strata)
  weights <- if (!is.null(plan$weight)) reformulate(plan$weight) else if (is.null(fpc)) ~.one else NULL
  d$.one <- 1
  svydesign(ids = ids, strata = strata, weights = weights, fpc = fpc, data = d, nest = TRUE)
}

score <- function(x, plan) {
  x[x %in% plan$answers$not_applicable] <- NA
  if (plan$item == "mean") x / plan$answers$maximum
  else ifelse(is.na(x), NA, as.numeric(x %in% plan$answers$satisfied))
}

one <- function(expr) tryCatch(suppressWarnings(expr), error = function(e) NULL)
clean <- function(x) if (is.null(x) || any(!is.finite(x))) NULL else x

rows_are_clusters <- function(design) !any(duplicated(design$cluster[, 1]))

question <- function(design, column, level) {
  v <- design$variables[[column]]
  d <- subset(design, !is.na(v))
  d$variables$.s <- d$variables[[column]]
  m <- one(svymean(~.s, d, deff = TRUE))
  # Clusters of the domain, whether or not anybody there answered; without clusters, answers.
  df <- if (rows_are_clusters(design)) degf(d) else degf(design)
  ci <- function(method) {
    if (df < 1 || (method == "beta" && degf(d) != df)) return(NULL)  # beta asks the design for df
    r <- one(svyciprop(~.s, d, method = method, level = level, df = df))
    clean(as.numeric(attr(r, "ci")))
  }
  # As a ratio on the whole domain. It differs from the mean of those who answered only where
  # survey.lonely.psu = "average" counts strata, and subset() has dropped one.
  design$variables$.a <- as.numeric(!is.na(v)); design$variables$.s <- ifelse(is.na(v), 0, v)
  ratio <- as.numeric(SE(svyratio(~.s, ~.a, design)))
  if (isTRUE(abs(ratio / as.numeric(SE(m)) - 1) > 1e-9))
    return(list(estimate = clean(as.numeric(coef(m))), standard_error = clean(ratio), df = df,
                n = sum(weights(d) > 0)))
  list(estimate = clean(as.numeric(coef(m))), standard_error = clean(as.numeric(SE(m))), df = df,
       n = sum(weights(d) > 0), deff = clean(as.numeric(deff(m))),
       intervals = list(logit = ci("xlogit"), beta = ci("beta"), mean = ci("mean")))
}

rbar <- function(ks) paste0("(", paste0("s", ks, "/a", ks, collapse = "+"), ")/", length(ks))

expressions <- function(plan, answered) {
  sizes <- lengths(plan$factors)
  of <- rep(seq_along(sizes), sizes)
  ks <- which(answered)
  f <- lapply(seq_along(sizes), function(i) intersect(which(of == i), ks))
  names(f) <- names(plan$factors)
  f <- f[lengths(f) > 0]
  ex <- lapply(f, rbar)
  ex$criteria_mean <- rbar(ks)
  ex$factor_mean <- paste0("(", paste0("(", unlist(lapply(f, rbar)), ")", collapse = "+"), ")/", length(f))
  ex$pooled <- paste0("(", paste0("s", ks, collapse = "+"), ")/(", paste0("a", ks, collapse = "+"), ")")
  list(ex = ex, ks = c(f, list(criteria_mean = ks, factor_mean = ks, pooled = ks)))
}

totals <- function(design, columns, group = NULL) {
  v <- design$variables
  for (k in seq_along(columns)) {
    x <- v[[columns[k]]]
    a <- as.numeric(!is.na(x))
    x[is.na(x)] <- 0
    if (is.null(group)) { v[[paste0("s", k)]] <- x; v[[paste0("a", k)]] <- a }
    else for (g in names(group)) {
      inside <- as.numeric(group[[g]])
      v[[paste0(g, "s", k)]] <- x * inside; v[[paste0(g, "a", k)]] <- a * inside
    }
  }
  design$variables <- v
  prefix <- if (is.null(group)) "" else names(group)
  names <- as.vector(outer(c("s", "a"), seq_along(columns), paste0))
  svytotal(reformulate(as.vector(outer(prefix, names, paste0))), design)
}

indices <- function(design, plan, columns) {
  v <- design$variables
  answered <- sapply(columns, function(q) any(!is.na(v[[q]]) & weights(design) > 0))
  e <- expressions(plan, answered)
  t <- totals(design, columns)
  w <- weights(design)
  lapply(setNames(nm = names(e$ex)), function(name) {
    # svycontrast differentiates with respect to the totals
    r <- svycontrast(t, parse(text = e$ex[[name]])[[1]])
    ks <- e$ks[[name]]
    m <- as.matrix(v[, columns[ks], drop = FALSE])
    any <- rowSums(!is.na(m)) > 0
    a <- !is.na(m); s <- ifelse(a, m, 0)
    A <- colSums(w * a); R <- colSums(w * s) / A
    of <- rep(names(plan$factors), lengths(plan$factors))[ks]
    c <- switch(name, criteria_mean = , pooled = rep(1 / length(ks), length(ks)),
                factor_mean = 1 / as.vector(table(of)[of]) / length(unique(of)), rep(1 / length(ks), length(ks)))
    z <- if (name == "pooled") (rowSums(s) - coef(r) * rowSums(a)) / sum(A)
         else as.vector(s %*% (c / A) - a %*% (c * R / A))
    d <- design
    d$variables$.e <- z * sum(w[any])
    d <- subset(d, any)
    m <- one(svymean(~.e, d, deff = TRUE))
    # "average" counts strata, and subset() has dropped some: another variance, so no deff
    same <- isTRUE(abs(as.numeric(SE(m)) / as.numeric(SE(r)) - 1) < 1e-9)
    list(estimate = as.numeric(coef(r)), standard_error = clean(as.numeric(SE(r))),
         df = if (rows_are_clusters(design)) degf(d) else degf(design), n = sum(weights(d) > 0),
         deff = if (same) clean(as.numeric(deff(m))) else NULL)
  })
}

everything <- function(design, plan, columns, level) {
  ind <- indices(design, plan, columns)
  list(questions = lapply(setNames(nm = columns), function(q) question(design, q, level)),
       factors = ind[intersect(names(plan$factors), names(ind))],
       overall = ind[c("criteria_mean", "factor_mean", "pooled")])
}

read_data <- function(plan, file, columns) {
  d <- read.csv(file.path(folder, file), encoding = "UTF-8", check.names = FALSE)
  for (q in columns) d[[q]] <- score(d[[q]], plan)
  d
}

compare <- function(plan, d, columns) {
  cmp <- plan$compare
  column <- cmp$column
  from <- d[[column]] == cmp$from; to <- d[[column]] == cmp$to
  d <- d[from | to, ]
  if (!isTRUE(cmp$same_clusters)) {
    d$.stratum <- paste(if (is.null(plan$strata)) "" else d[[plan$strata]], d[[column]])
    plan$strata <- ".stratum"
  }
  design <- make_design(plan, d, corrected = FALSE)
  groups <- list(x = d[[column]] == cmp$from, y = d[[column]] == cmp$to)
  t <- totals(design, columns, groups)
  e <- expressions(plan, rep(TRUE, length(columns)))$ex
  for (k in seq_along(columns)) e[[columns[k]]] <- paste0("s", k, "/a", k)
  part <- function(text, g) gsub("([sa])([0-9]+)", paste0(g, "\\1\\2"), text)
  lapply(e, function(text) {
    r <- svycontrast(t, parse(text = paste0("(", part(text, "y"), ")-(", part(text, "x"), ")"))[[1]])
    list(estimate = as.numeric(coef(r)), standard_error = as.numeric(SE(r)), df = degf(design),
         p_value = 2 * pt(-abs(as.numeric(coef(r) / SE(r))), degf(design)))
  })
}

run <- function(case) {
  plan <- case$plan
  if (is.null(plan$item)) plan$item <- "top2"
  options(survey.lonely.psu = if (is.null(plan$lonely_psu)) "adjust" else plan$lonely_psu)
  columns <- unlist(plan$factors, use.names = FALSE)
  d <- read_data(plan, case$file, columns)
  level <- if (is.null(plan$confidence)) 0.95 else plan$confidence
  rows <- d
  for (name in names(plan$where)) rows <- rows[rows[[name]] == plan$where[[name]], ]
  design <- make_design(plan, rows)
  out <- list(name = case$name, estimates = everything(design, plan, columns, level))
  if (!is.null(plan$domains)) {
    keys <- sapply(plan$domains, function(x) paste0(names(x), "=", unlist(x), collapse = ","))
    out$domains <- lapply(setNames(plan$domains, keys), function(x) {
      inside <- rep(TRUE, nrow(rows))
      for (name in names(x)) inside <- inside & rows[[name]] == x[[name]]
      everything(subset(design, inside), plan, columns, level)
    })
  }
  if (!is.null(plan$compare)) out$compare <- compare(plan, d, columns)
  out
}

cases <- fromJSON(file.path(folder, "cases.json"), simplifyDataFrame = FALSE, simplifyMatrix = FALSE)
numbers <- lapply(cases, function(case) { message(case$name); run(case) })
write(toJSON(numbers, auto_unbox = TRUE, digits = I(17), null = "null"), file.path(folder, "numbers.json"))
