# Weights and calibrated standard errors by R's survey package, written to numbers.json.
# Run in this folder: Rscript weighting_numbers.R   (R 4.2.2, survey 4.1-1, jsonlite 1.8.4, MASS)
# sample.csv is made here too, once; it holds nothing real.

suppressMessages({library(survey); library(jsonlite)})

if (!file.exists("sample.csv")) {
  set.seed(20261)
  n <- 160
  cluster <- rep(1:20, each = 8)
  stratum <- c("city", "plain", "hills")[c(rep(1, 6), rep(2, 8), rep(3, 6))][cluster]
  d <- data.frame(
    id = 1:n, stratum, cluster,
    weight = round(c(city = 30, plain = 22, hills = 9)[stratum] * runif(n, 0.8, 1.25), 3),
    sex = sample(c("F", "M"), n, TRUE, c(0.6, 0.4)),
    age = sample(c("18-29", "30-44", "45-59", "60+"), n, TRUE, c(0.2, 0.35, 0.3, 0.15))
  )
  d$answered <- rbinom(n, 1, 0.9)
  p <- plogis(1.4 + 0.5 * (d$sex == "F") - 0.4 * (d$age == "60+") + rnorm(20, 0, 0.5)[cluster])
  d$satisfied <- rbinom(n, 1, p) * d$answered
  write.csv(d, "sample.csv", row.names = FALSE, quote = FALSE)
}

d <- read.csv("sample.csv")
sex <- data.frame(sex = c("F", "M"), Freq = c(1650, 1600))
age <- data.frame(age = c("18-29", "30-44", "45-59", "60+"), Freq = c(700, 1000, 850, 700))
stratum <- data.frame(stratum = c("city", "hills", "plain"), Freq = c(1500, 450, 1300))

base <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = d)
simple <- svydesign(~1, weights = ~weight, data = d)

results <- function(design) {
  r <- svyratio(~satisfied, ~answered, design)
  total <- svytotal(~satisfied, design)
  list(
    weights = as.numeric(weights(design)),
    ratio = as.numeric(coef(r)), ratio_se = as.numeric(SE(r)),
    total = as.numeric(coef(total)), total_se = as.numeric(SE(total))
  )
}

# calibrate() with the raking function meets the margins exactly and takes the GREG residual;
# rake() stops both early and is kept for its weights only.
raked <- function(design) calibrate(
  design, ~ sex + age + stratum, calfun = "raking", epsilon = 1e-14, maxit = 200,
  population = c(`(Intercept)` = 3250, sexM = 1600, `age30-44` = 1000, `age45-59` = 850,
                 `age60+` = 700, stratumhills = 450, stratumplain = 1300)
)
ipf <- rake(base, list(~sex, ~age, ~stratum), list(sex, age, stratum),
            control = list(maxit = 500, epsilon = 1e-10, verbose = FALSE))

numbers <- list(
  version = as.character(packageVersion("survey")),
  margins = list(
    sex = as.list(setNames(sex$Freq, sex$sex)), age = as.list(setNames(age$Freq, age$age)),
    stratum = as.list(setNames(stratum$Freq, stratum$stratum))
  ),
  unadjusted = results(base),
  post_stratified = results(postStratify(base, ~age, age)),
  post_stratified_simple = results(postStratify(simple, ~sex, sex)),
  raked = results(raked(base)),
  raked_simple = results(raked(simple)),
  rake_weights = as.numeric(weights(ipf))
)
writeLines(toJSON(numbers, digits = I(17), auto_unbox = TRUE, pretty = 1), "numbers.json")
